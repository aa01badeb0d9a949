// 申请单详情: one form whole: what it says, its uploads with their findings, its history for reading and printing (WFL-01).
import { openAction } from './action.js';
import { explain, get, session } from './api.js';
import { labelOf, prepare } from './fields.js';
import { attemptLabel, drawFindings, verdictText } from './follow.js';
import { icon } from './icons.js';
import { route } from './route.js';
import { permits } from './row-actions.js';
import { drawTag } from './tag.js';
import { t, thousands, time } from './text.js';
import { todo } from './todo.js';
import { back } from './trail.js';
import { showPdf } from './viewer.js';

const { h, reactive, watch } = window.Vue;
const { ElAlert, ElButton, ElSkeleton } = window.ElementPlus;
const OPTIONS = ['carriers', 'card_specs', 'form_states', 'attempt_states', 'review_verdicts', 'issued_form_kinds'];

const tag = (value, label) => drawTag('', value, label);
const right = (value) => h('td', { class: 'right digits' }, thousands(value));
const isTermination = (form) => form.kind.endsWith('termination');

function facts(detail) {
  const { form } = detail;
  const rows = [
    [t('单位'), form.unit_name || form.unit], [t('月份'), form.month], [t('日期'), form.drafted_on], [t('版次'), form.revision],
    [isTermination(form) ? t('销卡数量') : t('需求数量'), `${thousands(form.quantity)} ${t('张')}`], [t('申请人'), form.applicant], [t('联系电话'), form.phone],
    [t('填报人'), form.drafted_by_name], [t('状态时间'), time(form.state_since)],
    form.figures ? [t('设备数量'), thousands(form.figures.devices)] : null, form.figures ? [t('目前卡数量'), thousands(form.figures.cards_now)] : null,
    form.figures ? [t('未激活数量'), thousands(form.figures.not_activated)] : null,
    detail.issued_at ? [t('出具时间'), time(detail.issued_at)] : null, detail.pages ? [t('页数'), detail.pages] : null,
    isTermination(form) ? [t('待转销卡中'), thousands(form.cards_waiting)] : null, isTermination(form) ? [t('不能销卡'), thousands(form.cards_refused)] : null,
    form.reviewer ? [t('审核人'), form.reviewer] : null, form.reviewed_at ? [t('审核时间'), time(form.reviewed_at)] : null,
    form.last_opinion ? [t('审核说明'), form.last_opinion] : null,
    form.province_form ? [t('省级申请单'), h('a', { class: 'drill', href: `#/form?number=${form.province_form}` }, form.province_form)] : null,
  ].filter(Boolean);
  return h('dl', { class: 'facts card-facts' }, rows.map(([label, value]) => h('div', { class: 'fact', key: label }, [h('dt', label), h('dd', value ?? '-')])));
}

function kinds(form) {
  if (!form.kinds.length) return null;
  const split = !isTermination(form);
  return h('section', { class: 'card', 'aria-label': t('各规格数量') }, [
    h('header', [h('h2', t('各规格数量'))]),
    h('table', { class: 'plain-table roomy' }, [
      h('thead', h('tr', [
        h('th', t('运营商')), h('th', t('卡片规格')), h('th', { class: 'right' }, t('数量')),
        ...(split ? [h('th', { class: 'right' }, t('旧卡更换数量')), h('th', { class: 'right' }, t('新增卡数量'))] : []),
      ])),
      h('tbody', form.kinds.map((kind) => h('tr', { key: `${kind.carrier}/${kind.card_spec}` }, [
        h('td', labelOf('carriers', kind.carrier)), h('td', labelOf('card_specs', kind.card_spec)), right(kind.quantity),
        ...(split ? [right(kind.replacement), right(kind.new_quantity)] : []),
      ]))),
    ]),
  ]);
}

// Both ways: from the province's sum to the city's line to the counties' wishes (ACT-12).
function lines(detail) {
  if (!detail.lines.length) return null;
  return h('section', { class: 'card', 'aria-label': t('申请明细') }, [
    h('header', [h('h2', t('申请明细'))]),
    h('table', { class: 'plain-table roomy' }, [
      h('thead', h('tr', [
        h('th', t('单位')), h('th', t('运营商')), h('th', t('卡片规格')), h('th', { class: 'right' }, t('区县申请数量')), h('th', { class: 'right' }, t('SIM卡数量')),
        h('th', { class: 'right' }, t('旧卡更换数量')), h('th', { class: 'right' }, t('新增卡数量')),
      ])),
      h('tbody', detail.lines.map((line) => h('tr', { key: line.city_line_id, class: { differing: line.original_quantity !== line.quantity } }, [
        h('td', line.unit_name || line.unit), h('td', labelOf('carriers', line.carrier)), h('td', labelOf('card_specs', line.card_spec)),
        h('td', { class: 'right digits' }, [h('a', { class: 'drill', href: `#/activation-lines?city_line_id=${line.city_line_id}` }, thousands(line.original_quantity))]),
        right(line.quantity), right(line.replacement), right(line.new_quantity),
      ]))),
    ]),
  ]);
}

function cities(detail) {
  if (!detail.cities.length) return null;
  const pair = (city, name) => h('td', { class: 'right digits' }, [thousands(city.printed[name]), city.printed[name] !== city.now[name] ? h('span', { class: 'quiet' }, ` → ${thousands(city.now[name])}`) : '']);
  return h('section', { class: 'card', 'aria-label': t('各市情况') }, [
    h('header', [h('h2', t('各市情况')), h('span', { class: 'quiet' }, t('申请单上的数字，箭头后为现在的数字'))]),
    h('table', { class: 'plain-table roomy' }, [
      h('thead', h('tr', [h('th', t('单位')), ...[t('设备数量'), t('目前卡数量'), t('未激活数量'), t('需求数量')].map((label) => h('th', { class: 'right' }, label))])),
      h('tbody', detail.cities.map((city) => h('tr', { key: city.unit }, [
        h('td', city.unit_name || city.unit), pair(city, 'devices'), pair(city, 'cards_now'), pair(city, 'not_activated'), right(city.demand),
      ]))),
    ]),
  ]);
}

function attempt(item) {
  const path = `/forms/${item.number}/signed-form?attempt_id=${item.attempt_id}`;
  return h('div', { class: 'attempt', key: item.attempt_id }, [
    h('div', { class: 'attempt-head' }, [
      tag(item.state, attemptLabel(item.state)), h('span', { class: 'digits' }, time(item.uploaded_at)), h('span', item.uploaded_by_name),
      h('span', { class: 'quiet' }, t('第 {revision} 版', { revision: item.revision })),
      h('span', { class: 'form-buttons' }, [
        h(ElButton, { size: 'small', onClick: () => showPdf(path, item.upload.name || item.number) }, () => t('查看回传单')),
        item.scan_id ? h('a', { class: 'el-button el-button--small', href: `#/scan?id=${item.scan_id}` }, t('查看标出的位置')) : null,
      ]),
    ]),
    item.state === 'passed' ? null : h('p', { class: item.state === 'verifying' ? 'note' : 'bad' }, verdictText(item)),
    item.decided_by_name ? h('p', { class: 'note' }, t('{name} 人工判定：{remark}', { name: item.decided_by_name, remark: item.remark || '-' })) : null,
    drawFindings(item),
  ]);
}

function uploads(history) {
  if (!history.attempts.length) return null;
  return h('section', { class: 'card', 'aria-label': t('审核回传单') }, [
    h('header', [h('h2', t('审核回传单')), h('span', { class: 'quiet' }, t('共 {count} 次', { count: history.attempts.length }))]),
    ...[...history.attempts].reverse().map(attempt),
  ]);
}

function decisions(history) {
  const heads = [t('步骤'), t('操作'), t('状态'), t('办理人'), t('审核说明'), t('说明'), t('时间'), t('内容摘要')];
  return h('section', { class: 'card', 'aria-label': t('办理历史') }, [
    h('header', [
      h('h2', t('办理历史')), h('span', { class: 'quiet no-print' }, t('共 {count} 条', { count: history.decisions.length })),
      h(ElButton, { class: 'push no-print', onClick: () => window.print() }, () => t('打印')),
    ]),
    h('table', { class: 'plain-table history' }, [
      h('thead', h('tr', heads.map((label) => h('th', label)))),
      h('tbody', history.decisions.map((item) => h('tr', { key: item.step }, [
        h('td', { class: 'digits' }, item.step), h('td', labelledAction(item)), h('td', labelOf('form_states', item.to_state)),
        h('td', [item.by_name, item.by_unit ? h('div', { class: 'quiet' }, item.by_unit_name || item.by_unit) : null]),
        h('td', item.opinion || '-'), h('td', item.remark || '-'), h('td', { class: 'digits' }, time(item.at)),
        h('td', { class: 'digest', title: item.digest }, item.digest ? `${item.digest.slice(0, 16)}…` : '-'),
      ]))),
    ]),
    h('p', { class: 'print-only' }, t('打印人：{name}　打印时间：{time}', { name: session.user.name, time: time(new Date().toISOString()) })),
  ]);
}

const labelledAction = (item) => t(item.action_name);
const titleOf = (form) => `${labelOf('issued_form_kinds', form.kind)} ${form.number}`;

export default {
  props: { page: Object },
  setup(props) {
    const state = reactive({ detail: null, history: null, error: '' });
    async function load() {
      const { number } = route.params;
      if (route.key !== props.page.key || !number) return;
      state.error = '';
      try {
        const path = `/forms/${encodeURIComponent(number)}`;
        const [detail, history] = await Promise.all([get(path), get(`${path}/history`), prepare(OPTIONS.map((name) => ({ options: name })))]);
        Object.assign(state, { detail, history });
        document.title = `${titleOf(detail.form)} - ${t('SIM卡全流程管理')}`; // what is printed is called like that
      } catch (error) {
        state.error = explain(error);
      }
    }
    watch(() => route.url, () => { state.detail = null; load(); });
    watch(() => todo.unread, load); // a notice has come: perhaps of this form
    load();

    const act = (action) => openAction({ action, row: state.detail.form, params: route.params, done: load });
    const buttons = () => (props.page.actions || []).filter((action) => permits(action, state.detail.form))
      .filter((action) => !action.opens || isTermination(state.detail.form))
      .map((action) => (action.opens
        ? h('a', { key: action.label, class: 'el-button', href: `#/form-cards?number=${state.detail.form.number}` }, action.label)
        : h(ElButton, { key: action.label, type: action.kind === 'default' ? undefined : action.kind, onClick: () => act(action) }, () => action.label)));

    return () => {
      if (state.error) {
        return h(ElAlert, { type: 'error', title: t('加载失败：{reason}', { reason: state.error }), showIcon: true, closable: false },
          () => h(ElButton, { size: 'small', onClick: load }, () => t('重试')));
      }
      if (!state.detail) return h(ElSkeleton, { rows: 8, animated: true, class: 'card' });
      const { detail, history } = state;
      const { form } = detail;
      return h('div', { class: 'form-page' }, [
        h('section', { class: 'card card-head', 'aria-label': t('申请单') }, [
          h('header', [
            h('h1', { class: 'digits' }, titleOf(form)), tag(form.state, form.state_name),
            h('div', { class: 'form-buttons' }, [...buttons(), h(ElButton, { onClick: back }, () => [icon('back', 15), h('span', t('返回'))])]),
          ]),
          form.issue_problem ? h(ElAlert, { type: 'error', title: t('申请单未能出具：{reason}', { reason: form.issue_problem }), showIcon: true, closable: false }) : null,
          facts(detail),
        ]),
        kinds(form), lines(detail), cities(detail), uploads(history), decisions(history),
      ]);
    };
  },
};

// 卡片台账核对 (INV-10): what was delivered must equal what stands in all states, for any unit and day.
import { call, explain, get, newKey, session } from './api.js';
import { draw, labelOf, prepare } from './fields.js';
import { followJob } from './job-state.js';
import { go, route } from './route.js';
import { href, today } from './plain.js';
import { t, thousands } from './text.js';
import { failure } from './toast.js';

const { h, reactive, watch } = window.Vue;
const { ElAlert, ElButton } = window.ElementPlus;
const STATES = ['received', 'unqualified', 'in_stock', 'pending_install', 'running', 'pending_scrap', 'terminating', 'terminated'];

export default {
  props: { page: Object },
  setup(props) {
    const unitField = { name: 'unit', label: t('供电单位'), kind: 'tree', options: 'units' };
    const dayField = { name: 'day', label: t('核对日期'), kind: 'date' };
    const model = reactive({ unit: '', day: '' });
    const state = reactive({ answer: null, error: '', busy: false });
    let sequence = 0;

    async function load() {
      if (route.key !== props.page.key) return;
      Object.assign(model, { unit: route.params.unit || session.user.unit, day: route.params.day || '' });
      sequence += 1;
      const mine = sequence;
      Object.assign(state, { busy: true, error: '' });
      try {
        const [answer] = await Promise.all([get('/statistics/ledger', { unit: model.unit, day: model.day }), prepare([unitField, { options: 'card_states' }])]);
        if (mine === sequence) state.answer = answer;
      } catch (error) {
        if (mine === sequence) Object.assign(state, { error: explain(error), answer: null });
      } finally {
        if (mine === sequence) state.busy = false;
      }
    }
    watch(() => route.url, load, { immediate: true });
    const query = () => { if (!go(props.page.key, { unit: model.unit, ...(model.day ? { day: model.day } : {}) })) load(); };

    async function check() {
      try {
        const { job_id: id } = await call('POST', '/statistics/ledger/check', { body: { unit: model.unit }, headers: { 'Idempotency-Key': newKey() } });
        followJob(id);
      } catch (error) {
        failure(error);
      }
    }

    function sheet(answer) {
      const counts = answer.counts || answer;
      const now = !route.params.day || route.params.day === today();
      const number = (name) => (now && counts[name]
        ? h('a', { class: 'drill', href: href('cards', { owner_unit: model.unit, state: name }) }, thousands(counts[name])) : thousands(counts[name] ?? 0));
      const sum = STATES.reduce((total, name) => total + (counts[name] || 0), 0);
      return [
        h(ElAlert, {
          type: answer.balanced ? 'success' : 'error', showIcon: true, closable: false,
          title: answer.balanced ? t('账实相符：交付数量等于各状态数量之和') : t('账实不符：交付 {delivered} 张，各状态合计 {sum} 张', { delivered: thousands(answer.delivered), sum: thousands(sum) }),
        }),
        h('table', { class: 'plain-table roomy ledger' }, [
          h('thead', h('tr', [h('th', t('项目')), h('th', { class: 'right' }, t('数量（张）'))])),
          h('tbody', STATES.map((name) => h('tr', { key: name }, [h('td', labelOf('card_states', name)), h('td', { class: 'right digits' }, [number(name)])]))),
          h('tfoot', [
            h('tr', [h('th', t('各状态合计')), h('td', { class: 'right digits' }, thousands(sum))]),
            h('tr', [h('th', t('交付数量')), h('td', { class: 'right digits' }, thousands(answer.delivered))]),
          ]),
        ]),
      ];
    }

    const cell = (field) => h('div', { class: 'query-cell' }, [h('span', { class: 'query-label', 'aria-hidden': 'true' }, field.label), h('div', { class: 'query-control' }, [draw(field, model)])]);
    return () => h('div', { class: 'list-page flowing' }, [
      h('form', { class: 'card query', role: 'search', style: { '--per-row': 3 }, onSubmit: (event) => { event.preventDefault(); query(); } }, [
        cell(unitField), cell(dayField),
        h('div', { class: 'query-buttons' }, [
          h(ElButton, { onClick: check }, () => t('逐卡核对')), h(ElButton, { type: 'primary', loading: state.busy, nativeType: 'submit' }, () => t('查询')),
        ]),
      ]),
      h('section', { class: 'card', 'aria-label': props.page.title }, [
        h('header', [h('h2', props.page.title), h('span', { class: 'quiet' }, t('日期留空为当前；“逐卡核对”会对照运行日志检查每张卡并列出不符的卡'))]),
        state.error ? h(ElAlert, { type: 'error', title: t('加载失败：{reason}', { reason: state.error }), showIcon: true, closable: false }) : null,
        state.answer ? sheet(state.answer) : null,
      ]),
    ]);
  },
};

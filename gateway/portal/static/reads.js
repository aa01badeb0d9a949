// 召测 (BND-04): asset numbers in, answers as they arrive. The address names the asking, so that it can be opened again.
import { call, explain, listen, newKey } from './api.js';
import { labelOf, prepare } from './fields.js';
import { asked, followReads } from './follow.js';
import { href } from './plain.js';
import { route } from './route.js';
import { t, thousands, time } from './text.js';
import { failure, success } from './toast.js';

const { h, onBeforeUnmount, reactive, watch } = window.Vue;
const { ElAlert, ElButton, ElInput, ElInputNumber, ElProgress, ElTag } = window.ElementPlus;
const LIMIT = 1000;
const SHOWN = 1000;
const AGAIN = 2000;
const TAGS = { waiting: 'info', sent: 'primary', read: 'success', failed: 'danger', expired: 'warning', cancelled: 'info' };
const numbers = (text) => [...new Set(text.split(/[\s,;\uff0c\uff1b\u3001"]+/).filter(Boolean))];

export default {
  props: { page: Object },
  setup(props) {
    const state = reactive({ text: '', minutes: 10, busy: false, head: null, answers: {}, error: '', broken: false });
    let stop = null;

    const take = (found) => {
      state.head = found;
      state.broken = false;
      for (const answer of found.answers) state.answers[answer.request_id] = answer;
    };

    // A stream ends after some minutes, or breaks; it is asked for again until no answer is open any more.
    async function follow(id, signal) {
      while (!signal.aborted) {
        try {
          await listen(`/binding/reads/${id}/events`, (found) => { if (!signal.aborted) take(found); }, signal);
          if (!signal.aborted && state.head && !state.head.open) return;
        } catch (error) {
          if (signal.aborted) return;
          if (error.status === 403 || error.status === 404) { state.error = explain(error); return; }
          state.broken = true;
        }
        await new Promise((resume) => { setTimeout(resume, AGAIN); });
      }
    }

    function open() {
      stop?.abort();
      if (route.key !== props.page.key) return;
      Object.assign(state, { head: null, answers: {}, error: '', broken: false });
      const id = route.params.read_id;
      if (!/^\d+$/.test(id || '')) return;
      stop = new AbortController();
      prepare([{ options: 'on_demand_states' }]).catch(failure);
      follow(id, stop.signal);
    }
    watch(() => route.url, open, { immediate: true });
    onBeforeUnmount(() => stop?.abort());

    async function ask() {
      const terminals = numbers(state.text);
      if (!terminals.length || terminals.length > LIMIT) {
        failure(new Error(terminals.length ? t('已填 {count} 台，最多 {limit} 台', { count: terminals.length, limit: LIMIT }) : t('请填写终端资产编号')));
        return;
      }
      state.busy = true;
      try {
        const answer = await call('POST', '/binding/reads', { body: { terminals, minutes: state.minutes }, headers: { 'Idempotency-Key': newKey() } });
        followReads(answer);
      } catch (error) {
        failure(error);
      } finally {
        state.busy = false;
      }
    }

    async function cancel() {
      try {
        take(await call('POST', `/binding/reads/${state.head.read_id}/cancel`, { headers: { 'Idempotency-Key': newKey() } }));
        success(t('操作成功'));
      } catch (error) {
        failure(error);
      }
    }

    async function readFile(event) {
      const [file] = event.target.files;
      event.target.value = '';
      if (!file) return;
      const found = numbers((await file.text()).replace(/^\ufeff/, '')).filter((word) => /\d/.test(word));
      if (!found.length) { failure(new Error(t('文件中没有终端资产编号'))); return; }
      state.text = [...new Set([...numbers(state.text), ...found])].join('\n');
    }

    const drawForm = () => h('section', { class: 'card', 'aria-label': t('终端召测') }, [
      h('header', [h('h2', t('终端召测')), h('span', { class: 'quiet' }, t('已填 {count} 台，最多 {limit} 台', { count: thousands(numbers(state.text).length), limit: thousands(LIMIT) }))]),
      h(ElInput, {
        type: 'textarea', rows: 5, modelValue: state.text, 'onUpdate:modelValue': (text) => { state.text = text; },
        'aria-label': t('终端资产编号'), placeholder: t('终端资产编号（可粘贴多行，或从表格复制一列）'),
      }),
      h('div', { class: 'reads-bar' }, [
        h('label', { class: 'el-button file-button' }, [t('从文件读入'), h('input', { type: 'file', accept: '.txt,.csv', 'aria-label': t('从文件读入'), onChange: readFile })]),
        h('label', [t('等待时间（分钟）'), ' ', h(ElInputNumber, {
          modelValue: state.minutes, 'onUpdate:modelValue': (value) => { state.minutes = value || 1; }, min: 1, max: 10080, 'aria-label': t('等待时间（分钟）'),
        })]),
        h(ElButton, { type: 'primary', loading: state.busy, onClick: ask }, () => t('召测')),
        h('span', { class: 'quiet' }, t('主站离线时请求保留这么久；最长 10080 分钟（7 天）')),
      ]),
    ]);

    const same = (answer) => (answer.iccid ? h(ElTag, { type: answer.iccid === answer.bound_iccid ? 'success' : 'warning', disableTransitions: true },
      () => (answer.iccid === answer.bound_iccid ? t('是') : t('否'))) : '—');

    const drawTable = (answers) => h('div', { class: 'scroll-box reads-box', tabindex: 0 }, [h('table', { class: 'plain-table', 'aria-label': t('召测结果列表') }, [
      h('thead', h('tr', [
        t('终端资产编号'), t('供电单位'), t('状态'), t('读到的 ICCID'), t('绑定的 ICCID'), t('与绑定一致'), t('失败代码'), t('抄读时间'), t('答复时间'),
      ].map((name) => h('th', { key: name }, name)))),
      h('tbody', answers.slice(0, SHOWN).map((answer) => h('tr', { key: answer.request_id }, [
        h('td', [h('a', { class: 'drill digits', href: href('bindings', { terminal: answer.terminal }) }, answer.terminal)]),
        h('td', answer.unit_name || answer.unit), h('td', [h(ElTag, { type: TAGS[answer.state], disableTransitions: true }, () => labelOf('on_demand_states', answer.state))]),
        h('td', { class: 'digits' }, answer.iccid || '—'), h('td', { class: 'digits' }, answer.bound_iccid || '—'), h('td', [same(answer)]),
        h('td', answer.fault || ''), h('td', answer.read_at ? time(answer.read_at) : ''), h('td', answer.answered_at ? time(answer.answered_at) : ''),
      ]))),
    ])]);

    function drawAnswers() {
      const { head } = state;
      const answers = Object.values(state.answers);
      const of = (name) => answers.filter((answer) => answer.state === name).length;
      const counts = { total: thousands(head.total), read: thousands(of('read')), failed: thousands(head.total - head.open - of('read')), open: thousands(head.open) };
      return h('section', { class: 'card', 'aria-label': t('召测结果') }, [
        h('header', [
          h('h2', t('召测结果')), h('span', { class: 'quiet', role: 'status' }, t('共 {total} 台：已读到 {read}，未读到 {failed}，等待 {open}', counts)),
          head.open ? h(ElButton, { onClick: cancel }, () => t('取消未答复的召测')) : h(ElTag, { type: 'success', disableTransitions: true }, () => t('召测已完成')),
        ]),
        head.open && head.station_away ? h(ElAlert, {
          type: 'warning', showIcon: true, closable: false, role: 'alert',
          title: t('采集主站离线（最近在线：{time}）。请求会保留到 {until}，主站恢复后自动召测。', { time: head.station_seen_at ? time(head.station_seen_at) : t('从未在线'), until: time(head.until) }),
        }) : null,
        state.broken ? h(ElAlert, { type: 'info', closable: false, title: t('连接中断，正在重试') }) : null,
        h(ElProgress, { percentage: head.total ? Math.floor((100 * (head.total - head.open)) / head.total) : 100 }),
        drawTable(answers),
      ]);
    }

    return () => h('div', { class: 'list-page flowing' }, [
      drawForm(),
      state.head && asked.readId === state.head.read_id && asked.refused.length ? h('section', { class: 'card' }, [
        h('header', h('h2', t('未能召测的终端'))),
        h('ul', { class: 'reasons' }, asked.refused.map((row) => h('li', { key: row.terminal }, [h('span', { class: 'digits' }, row.terminal), ' ', row.message || row.code]))),
      ]) : null,
      state.error ? h(ElAlert, { type: 'error', title: t('加载失败：{reason}', { reason: state.error }), showIcon: true, closable: false }) : null,
      state.head ? drawAnswers() : null,
    ]);
  },
};

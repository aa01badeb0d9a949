// 扫箱码: labels of boxes and batches are scanned one after the other, then opened, issued or allocated together.
// A keyboard-wedge scanner types the code and Enter; the cursor stays in the field whatever it was.
import { openAction } from './action.js';
import { explain, get } from './api.js';
import { labelOf, prepare } from './fields.js';
import { href } from './plain.js';
import { route } from './route.js';
import { t, thousands } from './text.js';
import { failure } from './toast.js';

const { h, nextTick, onBeforeUnmount, onMounted, reactive, ref } = window.Vue;
const { ElButton, ElTag } = window.ElementPlus;
const MOST = 100;
const TAGS = { reading: 'info', ready: 'primary', twice: 'warning', refused: 'danger', done: 'success', partly: 'warning', job: 'success' };
const WORDS = {
  reading: () => t('正在查询'), ready: () => t('可办理'), twice: () => t('重复'), refused: () => t('拒绝'), done: () => t('成功'),
  partly: () => t('部分成功'), job: () => t('已转任务'),
};
const VOCABULARIES = [{ options: 'carriers' }, { options: 'card_specs' }, { options: 'card_states' }];

const nameOf = (label) => (label.box_no ? t('{batch} 箱 {number}', { batch: label.batch_no, number: label.box_no }) : t('{batch} 整批', { batch: label.batch_no }));
// States of the cards, as many lines as there are: 库存 60，待装 40.
const stands = (label) => label.standing.map((one) => `${labelOf('card_states', one.state)} ${thousands(one.count)}`).join(t('，'));

export default {
  props: { page: Object },
  setup(props) {
    const state = reactive({ text: '', rows: [], last: null });
    const field = ref(null);
    let numbers = 0;
    const aim = () => nextTick(() => field.value?.focus());
    const settle = (row, more) => { Object.assign(row, more); state.last = row; };

    async function look(row) {
      try {
        const label = await get(`/boxes/${encodeURIComponent(row.text)}`);
        const before = state.rows.find((one) => one !== row && one.label?.code === label.code && one.state !== 'twice');
        if (before) settle(row, { state: 'twice', label, message: t('第 {row} 行已扫描', { row: before.number }) });
        else if (!label.in_stock) settle(row, { state: 'refused', label, message: t('没有库存状态的卡') });
        else settle(row, { state: 'ready', label, message: label.in_stock < label.card_count ? t('其中 {count} 张不是库存状态', { count: thousands(label.card_count - label.in_stock) }) : '' });
      } catch (error) {
        settle(row, { state: 'refused', message: explain(error) });
      }
    }

    function take(event) {
      event?.preventDefault();
      const text = state.text.trim();
      state.text = '';
      if (text && state.rows.filter((row) => row.state === 'ready').length >= MOST) failure(new Error(t('一次最多办理 {count} 个箱码，请先办理已扫的箱', { count: MOST })));
      else if (text) {
        numbers += 1;
        state.rows.unshift({ number: numbers, text, state: 'reading', label: null, message: '', reasons: [] });
        look(state.rows[0]);
      }
      aim();
    }

    const ready = () => state.rows.filter((row) => row.state === 'ready').reverse();

    function told(sent, answer) {
      answer.rows.forEach((said, index) => {
        const result = said.job_id ? 'job' : !said.code ? 'done' : said.done ? 'partly' : 'refused';
        settle(sent[index], { state: result, message: said.message || (said.job_id ? t('数量很大，由后台任务办理') : t('{count} 张', { count: thousands(said.done) })), reasons: said.reasons });
      });
      aim();
    }

    function act(action) {
      const sent = ready();
      openAction({ action, rows: sent, ids: sent.map((row) => row.label.code), answered: (answer) => told(sent, answer) });
    }

    const remove = (row) => { state.rows.splice(state.rows.indexOf(row), 1); aim(); };
    const clear = () => { Object.assign(state, { rows: [], last: null }); numbers = 0; aim(); };
    // Only when nothing is being typed elsewhere: a click on the page brings the cursor back.
    const refocus = (event) => { if (!event.target.closest('input, textarea, button, .el-select, .el-overlay, a')) aim(); };
    onMounted(() => {
      prepare(VOCABULARIES).catch(failure);
      if (route.params.code) { state.text = route.params.code; take(); } else aim();
      document.addEventListener('click', refocus);
    });
    onBeforeUnmount(() => document.removeEventListener('click', refocus));

    const cards = () => ready().reduce((sum, row) => sum + row.label.in_stock, 0);
    const bar = () => h('section', { class: 'card serial-bar', 'aria-label': t('扫码') }, [
      h('form', { class: 'serial-form', onSubmit: take }, [
        h('input', {
          ref: field, class: ['serial-input', state.last?.state], value: state.text, onInput: (event) => { state.text = event.target.value; },
          'aria-label': t('箱码或批次码'), placeholder: t('请扫描箱标签或批次标签上的二维码'), autocomplete: 'off', maxlength: 64, inputmode: 'none',
        }),
        ...(props.page.batch || []).map((action) => h(ElButton, {
          key: action.label, type: ready().length && action.kind === 'primary' ? 'primary' : undefined, size: 'large', disabled: !ready().length, onClick: () => act(action),
        }, () => action.label)),
      ]),
      h('p', { class: 'hint' }, t('待办理 {boxes} 个箱码，库存卡 {cards} 张', { boxes: thousands(ready().length), cards: thousands(cards()) })),
      state.last ? h('p', { class: ['serial-said', state.last.state], role: 'status', 'aria-live': 'assertive' }, [
        h('strong', { class: 'digits' }, state.last.label ? nameOf(state.last.label) : state.last.text), ` ${WORDS[state.last.state]()} ${state.last.message}`,
      ]) : null,
    ]);

    const line = (row) => h('tr', { key: row.number, class: row.state }, [
      h('td', { class: 'right digits' }, row.number),
      h('td', { class: 'digits' }, row.label ? h('a', { class: 'drill', href: href('box', { code: row.label.code }) }, nameOf(row.label)) : row.text),
      h('td', row.label ? `${labelOf('carriers', row.label.carrier)} ${labelOf('card_specs', row.label.card_spec)} ${row.label.application_month}` : ''),
      h('td', { class: 'digits' }, row.label ? [row.label.first_iccid, h('br'), row.label.last_iccid] : ''),
      h('td', { class: 'right digits' }, row.label ? thousands(row.label.card_count) : ''),
      h('td', row.label ? stands(row.label) : ''),
      h('td', h(ElTag, { type: TAGS[row.state], disableTransitions: true }, () => WORDS[row.state]())),
      h('td', [row.message, ...row.reasons.map((reason) => h('div', { key: reason.code, class: 'hint' }, t('{reason}：{count} 张', { reason: reason.message, count: thousands(reason.count) })))]),
      h('td', h(ElButton, { link: true, type: 'primary', onClick: () => remove(row) }, () => t('移除'))),
    ]);
    const heads = () => [[t('行号'), 'right'], [t('箱或批次')], [t('规格')], [t('号段')], [t('数量'), 'right'], [t('卡片状态')], [t('结果')], [t('说明')], [t('操作')]];
    const log = () => h('section', { class: 'card serial-log', 'aria-label': t('已扫的箱') }, [
      h('header', [h('h2', t('已扫的箱')), h(ElButton, { link: true, class: 'push', disabled: !state.rows.length, onClick: clear }, () => t('清空记录'))]),
      state.rows.length ? h('div', { class: 'scroll-box', tabindex: 0 }, [h('table', { class: 'plain-table' }, [
        h('thead', h('tr', heads().map(([label, side]) => h('th', { key: label, class: side }, label)))), h('tbody', state.rows.map(line)),
      ])]) : h('p', { class: 'hint' }, t('还没有扫码。将光标放在输入框中，用扫码枪逐箱扫描，然后点击领用或分卡。')),
    ]);
    return () => h('div', { class: 'serial-page' }, [bar(), log()]);
  },
};

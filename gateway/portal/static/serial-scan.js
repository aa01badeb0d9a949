// Scanning with a keyboard-wedge scanner: the cursor stays in the field, every code is answered by colour and sound.
// A scan has an id of its own and waits in this browser until the server has answered it; sent again, it adds nothing.
import { call, explain, session } from './api.js';
import { choicesOf, labelOf, prepare } from './fields.js';
import { route } from './route.js';
import { t, thousands, time } from './text.js';
import { failure } from './toast.js';

const { h, nextTick, onBeforeUnmount, onMounted, reactive, ref, watch } = window.Vue;
const { ElAlert, ElButton, ElOption, ElRadioButton, ElRadioGroup, ElSelect, ElTag } = window.ElementPlus;
const MODES = {
  scan: { label: () => t('扫码入库'), path: '/serial-scans' },
  sell: { label: () => t('扫码销售'), path: '/serial-sales' },
  terminal: { label: () => t('终补校验'), check: true },
  airtime: { label: () => t('话补校验'), check: true },
};
const SHOWN = 200;
const AGAIN = 3000;
const TONES = { done: 880, twice: 440, refused: 220 };
const TAGS = { waiting: 'info', done: 'success', twice: 'warning', refused: 'danger', undone: 'info' };
const WORDS = { waiting: () => t('待上传'), done: () => t('成功'), twice: () => t('重复'), refused: () => t('拒绝'), undone: () => t('已撤销') };

// Random, as the server wants it: a UUID of version 4. crypto.randomUUID is missing on plain http.
function newId() {
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}

let speaker = null;
function beep(outcome) {
  try {
    speaker ||= new window.AudioContext();
    const tone = speaker.createOscillator();
    tone.frequency.value = TONES[outcome];
    tone.connect(speaker.destination);
    tone.start();
    tone.stop(speaker.currentTime + (outcome === 'done' ? 0.08 : 0.3));
  } catch { /* without sound the colour says it */ }
}

const organisations = () => choicesOf('serial_organisations') || [];
const place = () => `simkeep.scans.${session.user.login}`;
function kept() {
  try { return JSON.parse(localStorage.getItem(place())) || {}; } catch { return {}; }
}

export default {
  setup() {
    const before = kept();
    const state = reactive({
      mode: before.mode || 'scan', organisation: before.organisation || '', scans: before.scans || [], text: '', offline: '', last: null,
    });
    const field = ref(null);
    let pumping = false;
    let timer = 0;
    const aim = () => nextTick(() => field.value?.focus());
    const keep = () => {
      try {
        localStorage.setItem(place(), JSON.stringify({ mode: state.mode, organisation: state.organisation, scans: state.scans.slice(0, SHOWN) }));
      } catch { /* a full store: the scans of this page still go out */ }
    };
    watch(() => [state.mode, state.organisation], () => { keep(); aim(); });

    function settle(scan, outcome, message = '', repair = '') {
      Object.assign(scan, { state: outcome, message, repair });
      state.last = scan;
      beep(outcome === 'undone' ? 'twice' : outcome);
      keep();
    }

    async function ask(scan) {
      const mode = MODES[scan.mode];
      if (mode.check) {
        const { items } = await call('POST', '/serial-redemptions/check', {
          body: { kind: scan.mode, serials: [scan.serial], organisation: scan.organisation },
        });
        const [item] = items;
        settle(scan, item.allowed ? 'done' : 'refused', item.allowed ? t('可以核销') : item.message, item.repair);
        return;
      }
      const answer = await call('POST', mode.path, {
        body: { serials: [scan.serial], organisation: scan.organisation, client_id: scan.id }, headers: { 'Idempotency-Key': scan.id },
      });
      const [refused] = answer.refused;
      settle(scan, refused ? 'refused' : 'done', refused?.message, refused?.repair);
    }

    // One after the other, in the order of scanning: the last one can then be taken back.
    async function pump() {
      if (pumping) return;
      pumping = true;
      try {
        for (;;) {
          const scan = state.scans.findLast((one) => one.state === 'waiting');
          if (!scan) break;
          try {
            await ask(scan);
            state.offline = '';
          } catch (error) {
            if (error.status && error.status < 500 && error.status !== 429) settle(scan, 'refused', explain(error));
            else {
              state.offline = explain(error);
              timer = window.setTimeout(pump, AGAIN);
              return;
            }
          }
        }
      } finally {
        pumping = false;
      }
    }

    function take(event) {
      event?.preventDefault();
      const serial = state.text.trim();
      state.text = '';
      if (!serial || !state.organisation) { aim(); return; }
      const { mode, organisation } = state;
      const scan = reactive({ id: newId(), serial, mode, organisation, at: new Date().toISOString(), state: 'waiting', message: '', repair: '' });
      const twice = !MODES[mode].check && state.scans.some((one) => one.serial === serial && one.mode === mode && one.organisation === organisation && ['done', 'waiting'].includes(one.state));
      state.scans.unshift(scan);
      state.scans.splice(SHOWN);
      if (twice) settle(scan, 'twice', t('本次已扫过该串码'));
      else { keep(); pump(); }
      aim();
    }

    const undoable = () => state.scans.find((one) => one.state === 'done' && !MODES[one.mode].check && one.organisation === state.organisation);

    async function undo() {
      const scan = undoable();
      if (!scan) return;
      try {
        await call('POST', '/serial-scans/undo', { body: { organisation: scan.organisation, client_id: scan.id }, headers: { 'Idempotency-Key': `${scan.id}-undo` } });
        settle(scan, 'undone', t('已恢复到扫码前'));
      } catch (error) { failure(error); }
      aim();
    }

    // Only when nothing is being typed elsewhere: a click on the page brings the cursor back.
    const refocus = (event) => { if (!event.target.closest('input, textarea, button, .el-select, .el-overlay, a')) aim(); };
    onMounted(async () => {
      await prepare([{ options: 'serial_organisations' }]).catch(failure);
      const all = organisations();
      if (!all.some((one) => one.value === state.organisation)) state.organisation = all.length === 1 ? all[0].value : '';
      aim();
      pump();
    });
    document.addEventListener('click', refocus);
    onBeforeUnmount(() => { document.removeEventListener('click', refocus); window.clearTimeout(timer); });

    const count = (outcome) => state.scans.filter((one) => one.state === outcome).length;

    const bar = () => h('section', { class: 'card serial-bar', 'aria-label': t('扫码') }, [
      h('div', { class: 'serial-choices' }, [
        h(ElSelect, {
          modelValue: state.organisation, 'onUpdate:modelValue': (value) => { state.organisation = value; }, filterable: true,
          onVisibleChange: (open) => { if (!open) aim(); },
          placeholder: t('请选择库存组织'), 'aria-label': t('库存组织'), class: 'serial-organisation',
        }, () => organisations().map((one) => h(ElOption, { key: one.value, value: one.value, label: one.label }))),
        h(ElRadioGroup, { modelValue: state.mode, 'onUpdate:modelValue': (value) => { state.mode = value; } }, () => Object.entries(MODES).map(
          ([key, mode]) => h(ElRadioButton, { key, value: key }, () => mode.label()))),
      ]),
      h('form', { class: 'serial-form', onSubmit: take }, [
        h('input', {
          ref: field, class: ['serial-input', state.last?.state], value: state.text, onInput: (event) => { state.text = event.target.value; },
          'aria-label': t('串码'), placeholder: state.organisation ? t('请扫描串码') : t('请先选择库存组织'), disabled: !state.organisation,
          autocomplete: 'off', maxlength: 64, inputmode: 'none',
        }),
        h(ElButton, { onClick: undo, disabled: !undoable() }, () => t('撤销上一次')),
      ]),
      state.last ? h('p', { class: ['serial-said', state.last.state], role: 'status', 'aria-live': 'assertive' }, [
        h('strong', { class: 'digits' }, state.last.serial), ` ${WORDS[state.last.state]()} ${state.last.message || ''}`,
        state.last.repair ? h('span', ` ${t('建议：{value}', { value: state.last.repair })}`) : null,
      ]) : null,
      state.offline ? h(ElAlert, { type: 'warning', showIcon: true, closable: false, role: 'alert', title: t('{count} 次扫码尚未上传，将自动重试：{reason}', { count: count('waiting'), reason: state.offline }) }) : null,
    ]);

    const row = (scan) => h('tr', { key: scan.id, class: scan.state }, [
      h('td', time(scan.at)), h('td', { class: 'digits' }, scan.serial), h('td', MODES[scan.mode].label()),
      h('td', labelOf('serial_organisations', scan.organisation)),
      h('td', h(ElTag, { type: TAGS[scan.state], disableTransitions: true }, () => WORDS[scan.state]())), h('td', [scan.message, scan.repair ? ` ${t('建议：{value}', { value: scan.repair })}` : '']),
    ]);

    const log = () => h('section', { class: 'card serial-log', 'aria-label': t('扫码记录') }, [
      h('header', [
        h('h2', t('本机扫码记录')),
        h('span', { class: 'hint' }, t('成功 {done}，重复 {twice}，拒绝 {refused}', {
          done: thousands(count('done')), twice: thousands(count('twice')), refused: thousands(count('refused')),
        })),
        h(ElButton, { link: true, class: 'push', disabled: !state.scans.length || Boolean(count('waiting')), onClick: () => { state.scans = []; state.last = null; keep(); aim(); } }, () => t('清空记录')),
      ]),
      state.scans.length ? h('div', { class: 'scroll-box', tabindex: 0 }, [h('table', { class: 'plain-table' }, [
        h('thead', h('tr', [t('时间'), t('串码'), t('操作'), t('库存组织'), t('结果'), t('说明')].map((label) => h('th', { key: label }, label)))),
        h('tbody', state.scans.map(row)),
      ])]) : h('p', { class: 'hint' }, t('还没有扫码。将光标放在输入框中，用扫码枪逐台扫描。')),
    ]);
    return () => (route.key === 'serial-scan' ? h('div', { class: 'serial-page' }, [bar(), log()]) : null);
  },
};

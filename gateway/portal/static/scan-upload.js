// Upload and see: which form, the scan of its paper, and on to the verdict.
import { call, explain, get, newKey } from './api.js';
import { draw, labelOf, prepare } from './fields.js';
import { go, route } from './route.js';
import { drawTag } from './tag.js';
import { t, time } from './text.js';

const { h, reactive, watch } = window.Vue;
const { ElAlert, ElAutocomplete, ElButton, ElProgress } = window.ElementPlus;
const OPTIONS = ['issued_form_kinds', 'issued_form_states'];

export default {
  setup() {
    const model = reactive({ number: '', file: '' });
    const state = reactive({ form: null, revision: '', error: '', busy: false, percent: 0 });
    const file = { name: 'file', label: t('扫描件'), kind: 'file', accept: '.pdf,.jpg,.jpeg,.png' };
    let asked = 0;
    let key = newKey();

    async function find() {
      asked += 1;
      const mine = asked;
      Object.assign(state, { form: null, error: '' });
      const number = model.number.trim().toUpperCase();
      if (!number) return;
      try {
        const form = await get(`/issued-forms/${encodeURIComponent(number)}`, { revision: state.revision });
        if (mine === asked) state.form = form;
      } catch (error) {
        if (mine === asked) state.error = explain(error);
      }
    }

    async function suggest(text, show) {
      try {
        const { items } = await get('/issued-forms', { number: text.trim(), state: 'current', size: 10 });
        show(items.filter((form) => form.sealed).map((form) => ({ value: form.number, form })));
      } catch { show([]); }
    }

    prepare(OPTIONS.map((name) => ({ options: name })));
    watch(() => route.url, () => {
      if (route.key !== 'scan-upload' || !route.params.number) return;
      Object.assign(model, { number: String(route.params.number) });
      state.revision = route.params.revision || '';
      find();
    }, { immediate: true });
    watch(() => [model.number, model.file], () => { key = newKey(); });

    async function submit() {
      if (!state.form) await find();
      if (!state.form || !model.file) {
        state.error ||= model.number.trim() ? t('请选择扫描件') : t('请输入申请单号');
        return;
      }
      Object.assign(state, { busy: true, percent: 0, error: '' });
      const form = new FormData();
      form.append('number', state.form.number);
      form.append('revision', state.form.revision);
      form.append('file', model.file);
      try {
        const answer = await call('POST', '/scans', {
          form, headers: { 'Idempotency-Key': key }, onProgress: (part) => { state.percent = Math.floor(part * 100); },
        });
        go('scan', { id: answer.scan_id });
      } catch (error) {
        state.error = explain(error);
        if (error.status) key = newKey();
      } finally {
        state.busy = false;
      }
    }

    const row = (label, control, hint) => h('div', { class: 'upload-row' }, [
      h('span', { class: 'query-label', 'aria-hidden': 'true' }, label), h('div', { class: 'upload-control' }, [control, hint ? h('div', { class: 'hint' }, hint) : null]),
    ]);

    // The library names an entry of the list before there is one; readers of the screen would look for it in vain.
    const nothingChosen = ({ el }) => el.parentElement?.querySelector('[aria-activedescendant$="--1"]')?.removeAttribute('aria-activedescendant');

    const number = () => h(ElAutocomplete, {
      onVnodeMounted: nothingChosen, onVnodeUpdated: nothingChosen,
      modelValue: model.number, 'onUpdate:modelValue': (value) => { model.number = value; state.revision = ''; }, fetchSuggestions: suggest, clearable: true,
      debounce: 250, ariaLabel: t('申请单号'), class: 'digits', onSelect: find, onChange: find, onBlur: () => { if (!state.form) find(); },
    }, { default: ({ item }) => h('span', [h('strong', { class: 'digits' }, item.value), h('span', { class: 'quiet' }, ` ${labelOf('issued_form_kinds', item.form.kind)} · ${item.form.unit_name || item.form.unit}`)]) });

    function about(form) {
      const rows = [
        [t('单据种类'), labelOf('issued_form_kinds', form.kind)], [t('单位'), form.unit_name || form.unit], [t('版次'), String(form.revision)],
        [t('页数'), String(form.pages ?? '-')], [t('签发时间'), time(form.issued_at)],
        [t('状态'), drawTag('issued_form_states', form.state)],
      ];
      return h('dl', { class: 'facts', 'aria-label': t('单据') }, rows.map(([label, value]) => h('div', { class: 'fact', key: label }, [h('dt', label), h('dd', [value])])));
    }

    return () => h('section', { class: 'card scan-upload', 'aria-label': t('上传核验') }, [
      h('p', { class: 'note' }, t('核对打印、签字、盖章后的扫描件与签发的单据是否逐字一致、公章是否齐全。此处核验不改变审批状态。')),
      row(t('申请单号'), number(), t('单据上的编号；可只输入开头后选择')),
      state.form ? row('', about(state.form)) : null,
      row(t('扫描件'), draw(file, model), t('PDF、JPEG 或 PNG，300 dpi 彩色扫描，不超过 60 MB，页序和方向不限')),
      state.error ? row('', h(ElAlert, { type: 'error', title: state.error, showIcon: true, closable: false, role: 'alert' })) : null,
      state.busy && state.percent ? row('', h(ElProgress, { percentage: state.percent, strokeWidth: 8, 'aria-label': t('进度') })) : null,
      row('', h(ElButton, { type: 'primary', loading: state.busy, onClick: submit }, () => t('开始核验'))),
    ]);
  },
};

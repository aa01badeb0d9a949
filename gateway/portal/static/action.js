// The dialog of an action: fields, dry run, confirmation, sending, and what the server answered.
import { Problem, call, download, explain, newKey } from './api.js';
import { showAnswer } from './answer.js';
import { draw, initial, linesOf, prepare } from './fields.js';
import { followJob } from './job-state.js';
import { followIssue, followReads, followScan } from './follow.js';
import { showPdf } from './viewer.js';
import { loadTodo } from './todo.js';
import { chosen, drawLook, fileField, lookAt, lookedWith, mayBeSent } from './file-look.js';
import { drawPreview } from './preview.js';
import { showSecret } from './secret.js';
import { failure, success } from './toast.js';
import { route } from './route.js';
import { fill } from './plain.js';
import { listed, names } from './question.js';
import { t, thousands } from './text.js';

const { h, reactive, ref, watch } = window.Vue;
const { ElAlert, ElButton, ElDialog, ElForm, ElFormItem, ElMessageBox } = window.ElementPlus;

// One dialog at a time; null when none is open.
const current = reactive({ open: false, job: null });

function values(job) {
  const body = { ...(job.action.data || {}) };
  for (const name of job.action.carry || []) body[name] = job.context[name];
  if (job.insisted) body[job.action.insist[1]] = true;
  for (const field of job.action.fields || []) {
    if (field.kind === 'now') continue;
    if (field.kind === 'split') {
      body[field.name] = (job.model[field.name] || []).map((line) => ({ line_id: line.line_id, replacement: line.replacement, new_quantity: line.new_quantity }));
      continue;
    }
    for (const name of names(field)) {
      const value = job.model[name];
      if (field.kind === 'iccids' || field.kind === 'serials') body[name] = listed(field, value);
      else if (field.kind === 'number') { if (value !== '') body[name] = Number(value); }
      else if (value !== '' && value !== undefined) body[name] = value;
      else if (job.action.load && !field.required) body[name] = null;
    }
  }
  if (job.action.versions) body[job.action.ids] = job.rows.map((row, index) => ({ [job.key_name]: job.ids[index], version: row.version }));
  else if (job.action.ids) body[job.action.ids] = job.ids;
  return body;
}

export async function openAction({
  action, row, rows = [], ids = [], params = {}, filters = {}, about = {}, keyName = '', done = () => {}, answered = null,
}) {
  const context = { ...about, ...filters, ...params, ...(row || {}) };
  if (action.show) {
    await showPdf(fill(action.show, context), `${action.label} ${context.number || ''}`);
    return;
  }
  if (action.download) {
    try { await download(fill(action.download, context)); } catch (error) { failure(error); }
    return;
  }
  const model = {};
  for (const field of action.fields || []) {
    model[field.name] = initial(field);
    if (field.until) model[field.until] = '';
  }
  const job = {
    action, rows, ids, context, model, done, answered, etag: '', busy: false, percent: 0, error: '', fieldErrors: {}, preview: null, previewed: '', key: '', keyed: '', key_name: keyName, insisted: false,
    look: null, looked: null, looking: false, lookError: '', lookRefused: false, choice: {},
  };
  try {
    const choices = (action.fields || []).some((field) => field.kind === 'split') ? [{ options: 'carriers' }, { options: 'card_specs' }] : [];
    await Promise.all([prepare([...choices, ...(action.fields || [])]), loadInto(job)]);
  } catch (error) {
    failure(error);
    return;
  }
  job.clean = JSON.stringify(job.model);
  current.job = job;
  current.open = true;
}

async function loadInto(job) {
  if (!job.action.load) return;
  const { content, etag } = await call('GET', fill(job.action.load, job.context), { whole: true });
  job.etag = etag;
  for (const field of job.action.fields || []) {
    if (field.kind === 'split') { job.model[field.name] = linesOf(content.items || content[field.name] || []); continue; }
    for (const name of names(field)) {
      const known = content[name];
      if (known !== undefined && known !== null) job.model[name] = field.kind === 'serials' ? known.join('\n') : known;
    }
  }
}

// The same key only for the same values after a broken connection: then the server knows whether it had done it already.
function commandKey(job, text) {
  if (job.keyed !== text) Object.assign(job, { key: newKey(), keyed: text });
  return job.key;
}

async function send(job) {
  const body = values(job);
  const headers = { 'Idempotency-Key': commandKey(job, JSON.stringify([body, job.choice])) };
  if (job.etag) headers['If-Match'] = job.etag;
  const path = fill(job.action.url, job.context);
  if (!(job.action.fields || []).some((field) => field.kind === 'file')) {
    return call(job.action.method, path, { body, headers });
  }
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) form.append(name, value);
  if (job.action.look && chosen(job)) form.append('choice', JSON.stringify(job.choice));
  const onProgress = (part) => { current.job.percent = Math.floor(part * 100); };
  return call(job.action.method, path, { form, headers, onProgress });
}

function noteErrors(job, error) {
  job.error = explain(error);
  for (const item of error.errors || []) {
    const place = [].concat(item.loc || item.field || item.name || []).at(-1);
    if ((job.action.fields || []).some((field) => names(field).includes(place))) job.fieldErrors[place] = item.message || item.msg || item.detail;
  }
  if (error.code === 'etag_mismatch' || error.status === 412) job.error = t('该记录已被他人修改，请关闭后重新打开');
}

function finish(job, answer) {
  current.open = false;
  const { action } = job;
  loadTodo();
  if (job.answered) job.answered(answer);
  else if (action.answer === 'scan') followScan(job.context.number, answer, job.done);
  else if (action.answer === 'issued') followIssue(answer, job.done);
  else if (action.answer === 'reads') followReads(answer);
  else if (action.answer === 'secret') showSecret(action.label, answer.key);
  else if (answer?.job_id && answer.links) followJob(answer.job_id, { done: job.done, download: action.answer === 'file' });
  else if (answer?.done !== undefined && (answer.refused_count || answer.left_out?.length)) showAnswer(action.label, answer);
  else if (action.answer === 'bulk' && answer?.done !== undefined) success(answer.message || t('操作成功'), t('共 {count} 条', { count: thousands(answer.done) }));
  else success(answer?.message || action.success);
  job.done();
}

// A person who opens a dialog is about to fill it in. A date that is filled in already would open its calendar.
// Who was quicker than the dialog and has begun elsewhere is left there.
function focusFirst(element) {
  if (!element || element.contains(document.activeElement)) return;
  [...element.querySelectorAll('input:not([disabled]), textarea:not([disabled])')].find((input) => !input.closest('.el-date-editor') || !input.value)?.focus();
}

const count = (job) => job.rows.length || job.ids.length;

export const ActionDialog = {
  setup() {
    const form = ref(null);
    watch(() => current.job?.action.look && current.job.model[fileField(current.job.action)?.name], (file) => { if (file) lookAt(current.job); });
    watch(() => current.job?.action.look_with && JSON.stringify(lookedWith(current.job)), (said, before) => { if (before && current.job) lookAt(current.job); });

    // What was asked on one page has no place on another.
    watch(() => route.url, () => {
      if (!current.open || current.job?.busy) return;
      current.open = false;
      ElMessageBox.close();
    });

    async function close(done) {
      const { job } = current;
      if (job.busy) return;
      if (JSON.stringify(job.model) !== job.clean) {
        try {
          await ElMessageBox.confirm(t('已填写的内容尚未提交，确定放弃吗？'), t('提示'), {
            confirmButtonText: t('放弃'), cancelButtonText: t('继续填写'), type: 'warning',
          });
        } catch { return; }
      }
      if (typeof done === 'function') done();
      current.open = false;
    }

    // A select that is shut keeps Escape to itself; the dialog should hear it.
    function leave(event) {
      if (event.key !== 'Escape' || event.target.getAttribute('role') !== 'combobox' || event.target.getAttribute('aria-expanded') === 'true') return;
      event.stopPropagation();
      close();
    }

    async function valid() {
      if (!form.value) return true;
      try { await form.value.validate(); return true; } catch { return false; }
    }

    async function run(step) {
      const { job } = current;
      if (job.busy || !(await valid())) return;
      Object.assign(job, { busy: true, percent: 0, error: '', fieldErrors: {} });
      try {
        await step(job);
      } catch (error) {
        if (!(error instanceof Problem)) console.warn(error);
        if (error.status) job.keyed = '';
        noteErrors(job, error);
        if (job.action.insist?.[0] === error.code) insist(job);
      } finally {
        job.busy = false;
      }
    }

    // Whether a value that does much at once was meant.
    async function asksFirst(job) {
      const [name, value, question] = job.action.ask || [];
      if (!name || job.model[name] !== value) return true;
      try {
        await ElMessageBox.confirm(fill(question, job.context), t('提示'), { confirmButtonText: t('是'), cancelButtonText: t('否'), type: 'warning' });
        return true;
      } catch { return false; }
    }

    // The server names what speaks against it; going on is the clerk's own word.
    async function insist(job) {
      try {
        await ElMessageBox.confirm(job.error, t('提示'), { confirmButtonText: t('继续'), cancelButtonText: t('取消'), type: 'warning' });
      } catch { return; }
      job.insisted = true;
      await run(async () => finish(job, await send(job)));
      job.insisted = false;
    }

    const asked = (job) => {
      const body = values(job);
      (job.action.preview_without || []).forEach((name) => { delete body[name]; });
      return body;
    };
    const tryOut = () => run(async (job) => {
      const body = asked(job);
      job.preview = await call('POST', job.action.preview, { body });
      job.previewed = JSON.stringify(body);
    });
    const submit = () => run(async (job) => { if (await asksFirst(job)) finish(job, await send(job)); });

    const needed = (job, field) => field.required || Boolean(field.needed_if) && job.model[field.needed_if[0]] === field.needed_if[1];

    function rules(job, field) {
      if (!needed(job, field)) return [];
      const message = ['select', 'tree', 'month', 'date', 'file', 'checks'].includes(field.kind)
        ? t('请选择{label}', { label: field.label }) : t('请输入{label}', { label: field.label });
      const isMissing = (value) => value === '' || value === undefined || value === null || (Array.isArray(value) && !value.length)
        || (typeof value === 'string' && !value.trim());
      return [{
        required: true, trigger: 'none', validator: (_, value, answer) => answer(isMissing(value) ? new Error(message) : undefined),
      }];
    }

    const templates = (action) => ['xlsx', 'csv'].map((kind) => h(ElButton, {
      key: kind, link: true, type: 'primary', size: 'small', onClick: () => download(`${action.template}?kind=${kind}`).catch(failure),
    }, () => t('下载模板（{kind}）', { kind: kind.toUpperCase() })));

    const item = (job, field) => h(ElFormItem, {
      key: field.name, label: field.label, prop: field.name, rules: rules(job, field), error: job.fieldErrors[field.name] || '',
      required: needed(job, field),
    }, () => [
      draw(field, job.model, { dialog: true, disabled: job.busy, allowed: field.allowed ? job.context.can : null }),
      field.hint ? h('div', { class: 'hint' }, field.hint) : null,
      field.kind === 'file' && job.action.template ? h('div', { class: 'hint' }, templates(job.action)) : null,
    ]);

    function intro(job) {
      const { action } = job;
      const parts = [];
      if (action.confirm) parts.push(h('p', { class: 'confirm' }, fill(action.confirm, job.context)));
      if (action.note) parts.push(h('p', { class: 'note' }, fill(action.note, job.context)));
      if (action.needs === 'rows' && !action.confirm && job.action.ids !== 'iccids') parts.push(h('p', { class: 'confirm' }, t('对选中的 {count} 条记录执行“{label}”', { count: thousands(count(job)), label: action.label })));
      else if (action.needs === 'rows') parts.push(h('p', { class: 'confirm' }, t('对选中的 {count} 张卡执行“{label}”', { count: thousands(count(job)), label: action.label })));
      return parts;
    }

    function footer(job) {
      const { action } = job;
      const fresh = !action.preview || (job.preview?.allowed && job.previewed === JSON.stringify(asked(job)));
      return h('div', { class: 'dialog-footer' }, [
        h(ElButton, { onClick: () => close() }, () => (action.yes_no ? t('否') : t('取消'))),
        action.preview ? h(ElButton, { loading: job.busy && !fresh, onClick: tryOut }, () => t('试算')) : null,
        h(ElButton, {
          type: action.kind === 'danger' ? 'danger' : 'primary', loading: job.busy && fresh, disabled: !fresh || !mayBeSent(job), onClick: submit,
          title: fresh ? undefined : t('请先试算'),
        }, () => (job.busy && job.percent ? t('正在上传 {percent}%', { percent: job.percent }) : action.yes_no ? t('是') : t('确定'))),
      ]);
    }

    function body(job) {
      const { action } = job;
      const stale = job.preview && job.previewed !== JSON.stringify(asked(job));
      return [
        ...intro(job),
        h(ElForm, {
          ref: form, model: job.model, onKeydownCapture: leave, labelWidth: 'auto', labelPosition: 'right', onSubmit: (event) => event.preventDefault(),
          class: action.fields?.length > 6 ? 'dialog-form two' : 'dialog-form',
        }, () => (action.fields || []).map((field) => item(job, field))),
        action.look ? drawLook(job) : null,
        job.preview ? drawPreview(job.preview, stale) : null,
        job.error ? h(ElAlert, { type: 'error', title: job.error, showIcon: true, closable: false, role: 'alert' }) : null,
      ];
    }

    return () => {
      const { job } = current;
      if (!job) return null;
      return h(ElDialog, {
        modelValue: current.open, 'onUpdate:modelValue': (open) => { current.open = open; }, title: fill(job.action.title || job.action.label, job.context), alignCenter: true,
        width: job.action.look || job.action.fields?.length > 6 || job.action.fields?.some((field) => field.kind === 'split') ? 820 : 540, closeOnClickModal: false, beforeClose: close, destroyOnClose: true, onOpened: () => focusFirst(form.value?.$el),
      }, { default: () => body(job), footer: () => footer(job) });
    };
  },
};

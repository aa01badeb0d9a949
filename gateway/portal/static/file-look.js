// What a chosen file holds, before it is taken: sheet, head, columns, hidden rows, counts. What the reader found can be changed.
import { call, explain } from './api.js';
import { t, thousands } from './text.js';

const { h } = window.Vue;
const { ElAlert, ElOption, ElRadioButton, ElRadioGroup, ElSelect, ElSkeleton } = window.ElementPlus;

// What the look goes by, besides the file itself.
export const lookedWith = (job) => (job.action.look_with || []).map((name) => [name, job.model[name]]).filter(([, value]) => value);
export const fileField = (action) => (action.fields || []).find((field) => field.kind === 'file');
// What is not chosen is found out from the file; only what a person has changed is sent.
export const chosen = (job) => (Object.keys(job.choice || {}).length ? job.choice : null);

export async function lookAt(job) {
  const file = job.model[fileField(job.action)?.name];
  if (!file) return;
  if (job.looked !== file) job.choice = {};
  job.looked = file;
  job.asked = (job.asked || 0) + 1;
  const mine = job.asked;
  Object.assign(job, { looking: true, lookError: '' });
  const form = new FormData();
  form.append('file', file);
  for (const [name, value] of lookedWith(job)) form.append(name, value);
  if (chosen(job)) form.append('choice', JSON.stringify(job.choice));
  try {
    const seen = await call('POST', job.action.look, { form });
    if (mine === job.asked) job.look = seen;
  } catch (error) {
    if (mine === job.asked) Object.assign(job, { look: null, lookError: explain(error), lookRefused: error.status === 413 || error.status === 422 });
  } finally {
    if (mine === job.asked) job.looking = false;
  }
}

// A file that cannot be read as it is chosen need not be sent; one that could not be looked at in time may be.
export const mayBeSent = (job) => !job.action.look || (!job.looking && !job.look?.problem && !(job.lookError && job.lookRefused));

function change(job, values) {
  job.choice = { ...job.choice, ...values };
  lookAt(job);
}

const fact = (label, value) => h('div', { class: 'fact' }, [h('dt', label), h('dd', value)]);
const select = (label, value, set, options) => h(ElSelect, {
  modelValue: value, 'onUpdate:modelValue': set, ariaLabel: label, size: 'small', class: 'look-select',
}, () => options.map((option) => h(ElOption, { key: String(option.value), value: option.value, label: option.label })));

function sheets(job, look) {
  if (look.sheets.length < 2 && !look.sheets.some((sheet) => sheet.hidden)) return look.sheet;
  return select(t('工作表'), look.sheet, (sheet) => change(job, { sheet, head_row: null, columns: {} }), look.sheets.map((sheet) => ({
    value: sheet.name, label: sheet.hidden ? t('{name}（隐藏）', { name: sheet.name }) : sheet.name,
  })));
}

function headRow(job, look) {
  const rows = [...Array(20).keys()];
  if (!rows.includes(look.head_row)) rows.push(look.head_row);
  return select(t('表头所在行'), look.head_row, (row) => change(job, { head_row: row, columns: {} }), rows.map((row) => ({
    value: row, label: row ? t('第 {row} 行', { row }) : t('没有表头'),
  })));
}

function mapping(job, look) {
  const none = { value: 0, label: t('文件中没有') };
  const columns = look.columns.map((column) => ({
    value: column.number, label: [column.number, column.head || t('（无表头）'), column.values[0]].filter(Boolean).join(' · ') + (column.hidden ? t('（隐藏）') : ''),
  }));
  return h('table', { class: 'plain-table look-columns' }, [
    h('caption', t('各列对应关系，可以修改')),
    h('thead', h('tr', [h('th', t('需要的列')), h('th', t('文件中的列')), h('th', t('前几个值'))])),
    h('tbody', look.wanted.map((wanted) => {
      const column = look.columns.find((it) => it.role === wanted.name);
      const set = (number) => change(job, { columns: { ...job.choice.columns, [wanted.name]: number || null } });
      return h('tr', { key: wanted.name }, [
        h('td', wanted.label), h('td', [select(wanted.label, column?.number ?? 0, set, [none, ...columns])]),
        h('td', { class: 'digits' }, column ? column.values.join(' / ') : '-'),
      ]);
    })),
  ]);
}

function hiddenRows(job, look) {
  if (!look.hidden_rows) return null;
  return h('div', { class: 'look-hidden' }, [
    h('span', t('{count} 行被筛选或隐藏：', { count: thousands(look.hidden_rows) })),
    h(ElRadioGroup, { modelValue: job.choice.hidden_rows || '', 'onUpdate:modelValue': (way) => change(job, { hidden_rows: way }), size: 'small' }, () => [
      h(ElRadioButton, { value: 'skip' }, () => t('跳过')), h(ElRadioButton, { value: 'read' }, () => t('也读取')),
    ]),
  ]);
}

export function drawLook(job) {
  if (job.lookError) return h(ElAlert, { type: 'error', title: job.lookError, showIcon: true, closable: false, role: 'alert' });
  const { look } = job;
  if (!look) return job.looking ? h(ElSkeleton, { rows: 3, animated: true }) : null;
  const rows = look.rows_are === 'exact' ? thousands(look.rows) : t('至少 {count}', { count: thousands(look.rows) });
  return h('section', { class: 'look', 'aria-label': t('文件内容'), 'aria-live': 'polite', 'aria-busy': String(Boolean(job.looking)) }, [
    h('dl', { class: 'facts' }, [
      fact(t('数据行数'), rows),
      look.sheet === null ? fact(t('编码'), `${look.encoding} ${look.delimiter === '\t' ? t('制表符分隔') : look.delimiter}`) : fact(t('工作表'), sheets(job, look)),
      fact(t('表头所在行'), headRow(job, look)),
    ]),
    mapping(job, look), hiddenRows(job, look),
    look.problem ? h(ElAlert, { type: 'error', title: look.problem.message, showIcon: true, closable: false, role: 'alert' }) : null,
    ...(look.told || []).map((note) => h(ElAlert, { key: note.code, type: 'info', title: note.message, showIcon: true, closable: false })),
    ...look.notes.map((note) => h(ElAlert, { key: note.code, type: 'warning', title: note.message, showIcon: true, closable: false })),
  ]);
}

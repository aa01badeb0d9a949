// One drawing function per kind of field, for query forms and dialogs alike.
import { local, options, optionsNow, session } from './api.js';
import { icon } from './icons.js';
import { initial as start, listed, names, pasted } from './question.js';
import { whole } from './stage.js';
import { t, thousands, time } from './text.js';

const { h, shallowReactive } = window.Vue;
const {
  ElInput, ElInputNumber, ElSelect, ElOption, ElTreeSelect, ElDatePicker, ElCheckboxGroup, ElCheckbox,
} = window.ElementPlus;

// Choices that have arrived, by name. Drawing reads them; asking happens once in prepare().
export const known = shallowReactive({});

export async function prepare(fields) {
  const wanted = [...new Set(fields.map((field) => field.options).filter(Boolean))];
  const missing = wanted.filter((name) => {
    const found = optionsNow(name);
    if (found) known[name] = found;
    return !found;
  });
  await Promise.all(missing.map(async (name) => {
    try { known[name] = await options(name); } catch { known[name] ??= []; }
  }));
}

export const prepared = (fields) => fields.every((field) => !field.options || known[field.options]);

// The choices, or null until they arrive: who draws is drawn again then. Nobody has to have asked for them before.
const underway = new Set();
export function choicesOf(name) {
  if (known[name]) return known[name];
  if (!underway.has(name)) {
    underway.add(name);
    prepare([{ options: name }]).finally(() => underway.delete(name));
  }
  return null;
}

// What people call a value. Nothing, and never its code, while the words are still on their way.
export function labelOf(name, value) {
  if (!name) return t(String(value ?? ''));
  const choices = choicesOf(name);
  if (!choices) return '';
  const found = choices.find((option) => option.value === String(value));
  return t(found ? found.label : String(value ?? ''));
}

// Names of the units in one's own subtree; a unit above it is shown by its code.
export function unitName(code) {
  const pending = [].concat(known.units || []);
  while (pending.length) {
    const unit = pending.pop();
    if (unit.code === code) return unit.name;
    pending.push(...(unit.children || []));
  }
  return code;
}

export const toneOf = (value) => local.tones[String(value)] || 'info';

export const initial = (field) => start(field, session.user || {});

const set = (model, name) => (value) => { model[name] = value ?? ''; };

function text(field, model, extra) {
  return h(ElInput, {
    modelValue: model[field.name], 'onUpdate:modelValue': set(model, field.name), clearable: !extra.dialog,
    maxlength: field.max_length || undefined, ariaLabel: field.label, disabled: extra.disabled,
    placeholder: extra.dialog ? '' : t('请输入'),
  });
}

function textarea(field, model, extra) {
  return h(ElInput, {
    type: 'textarea', rows: 3, modelValue: model[field.name], 'onUpdate:modelValue': set(model, field.name),
    maxlength: field.max_length || undefined, showWordLimit: Boolean(field.max_length), ariaLabel: field.label,
    disabled: extra.disabled,
  });
}

function password(field, model) {
  return h(ElInput, {
    type: 'password', showPassword: true, autocomplete: 'new-password', modelValue: model[field.name],
    'onUpdate:modelValue': set(model, field.name), ariaLabel: field.label,
  });
}

const counter = (model, name, label) => h(ElInputNumber, {
  modelValue: model[name] === '' || model[name] === undefined ? undefined : Number(model[name]),
  'onUpdate:modelValue': set(model, name), min: 0, controls: false, precision: 0, ariaLabel: label, class: 'number-field',
});

// Bytes that people write as MB of 2^20.
const MB = 1 << 20;
const megabytes = (model, name, label) => h(ElInputNumber, {
  modelValue: model[name] === '' || model[name] === undefined ? undefined : Number(model[name]) / MB, ariaLabel: label, class: 'number-field',
  'onUpdate:modelValue': (value) => { model[name] = value === undefined || value === null ? '' : String(Math.round(value * MB)); }, min: 0, controls: false,
});

const volumes = (field, model) => h('div', { class: 'span-field' }, [
  megabytes(model, field.name, `${field.label} ${t('最少')}`), h('span', t('至')),
  megabytes(model, field.until, `${field.label} ${t('最多')}`), h('span', 'MB'),
]);

const numeric = (field, model) => counter(model, field.name, field.label);

const days = (field, model) => h('div', { class: 'span-field' }, [
  counter(model, field.name, `${field.label} ${t('最少')}`), h('span', t('至')),
  counter(model, field.until, `${field.label} ${t('最多')}`), h('span', t('天')),
]);

// An empty field for which the server takes the newest: which one it took.
const newest = (taken) => (taken ? t('最近：{taken}', { taken }) : t('最近'));

// A select without its options would show the bare value.
const shownValue = (field, model, choices) => (choices ? model[field.name] : field.multiple ? [] : '');

function select(field, model, extra) {
  const choices = choicesOf(field.options)?.filter((option) => !extra.allowed || extra.allowed.includes(option.value));
  return h(ElSelect, {
    modelValue: shownValue(field, model, choices), loading: !choices, loadingText: t('正在加载…'), 'onUpdate:modelValue': set(model, field.name), multiple: field.multiple,
    clearable: !field.required, filterable: true, collapseTags: true, collapseTagsTooltip: true, ariaLabel: field.label,
    placeholder: extra.dialog ? t('请选择') : field.newest ? newest(extra.newest && labelOf(field.options, extra.newest)) : t('全部'), disabled: extra.disabled,
    noMatchText: t('没有匹配的选项'), noDataText: t('没有可选项'),
  }, () => (choices || []).map((option) => h(ElOption, {
    key: option.value, value: option.value, label: t(option.label),
  })));
}

function tree(field, model, extra) {
  const choices = choicesOf(field.options);
  const data = [].concat(choices || []);
  return h(ElTreeSelect, {
    modelValue: shownValue(field, model, choices), 'onUpdate:modelValue': set(model, field.name), data, nodeKey: 'code',
    props: { label: 'name', value: 'code', children: 'children' }, checkStrictly: true, filterable: true, clearable: true,
    renderAfterExpand: false, defaultExpandedKeys: data.map((unit) => unit.code), ariaLabel: field.label,
    placeholder: extra.dialog ? t('请选择') : t('本单位及下级'), disabled: extra.disabled,
    filterNodeMethod: (wanted, unit) => !wanted || unit.name.includes(wanted) || unit.code.startsWith(wanted),
  });
}

const day = (kind, format) => (field, model, extra) => h(ElDatePicker, {
  type: kind, modelValue: model[field.name] || null, 'onUpdate:modelValue': set(model, field.name), valueFormat: format,
  ariaLabel: field.label, placeholder: extra.dialog ? '' : field.newest ? newest(extra.newest) : t('请选择'), disabled: extra.disabled, class: 'date-field',
});

function dates(field, model) {
  const value = model[field.name] || model[field.until] ? [model[field.name] || '', model[field.until] || ''] : null;
  return h(ElDatePicker, {
    type: 'daterange', modelValue: value, valueFormat: 'YYYY-MM-DD', ariaLabel: field.label, class: 'date-field',
    startPlaceholder: t('开始日期'), endPlaceholder: t('结束日期'), rangeSeparator: t('至'), unlinkPanels: true,
    'onUpdate:modelValue': (chosen) => { [model[field.name], model[field.until]] = chosen || ['', '']; },
  });
}

function lines(field, model, extra) {
  const count = listed(field, model[field.name]).length;
  const { left } = field.kind === 'iccids' ? pasted(model[field.name]) : { left: [] };
  return h('div', { class: 'wide' }, [
    h(ElInput, {
      type: 'textarea', rows: extra.dialog ? 6 : 1, resize: extra.dialog ? 'vertical' : 'none', ariaLabel: field.label,
      modelValue: model[field.name], 'onUpdate:modelValue': set(model, field.name),
      placeholder: field.kind === 'serials' ? t('每行一个串码') : t('每行一个 ICCID，也可用逗号或空格分隔'), class: 'digits',
    }),
    extra.dialog ? h('div', { class: 'hint', 'aria-live': 'polite' }, [
      t('已识别 {count} 个号码', { count: thousands(count) }), left.length ? h('span', t('，略过不是号码的文字：{words}', { words: left.slice(0, 5).join(t('、')) })) : null,
    ]) : null,
  ]);
}

function file(field, model) {
  const chosen = model[field.name];
  const take = (list) => { if (list && list[0]) model[field.name] = list[0]; };
  return h('label', {
    class: ['file-field', { chosen }],
    onDragover: (event) => event.preventDefault(),
    onDrop: (event) => { event.preventDefault(); take(event.dataTransfer.files); },
  }, [
    icon('file', 22),
    chosen
      ? h('span', [h('strong', chosen.name), h('span', { class: 'quiet' }, ` ${thousands(Math.ceil(chosen.size / 1024))} KB`)])
      : h('span', t('点击选择文件，或将文件拖到此处')),
    h('input', { type: 'file', accept: field.accept, 'aria-label': field.label, onChange: (event) => take(event.target.files) }),
  ]);
}

function checks(field, model) {
  return h(ElCheckboxGroup, {
    modelValue: model[field.name] || [], 'onUpdate:modelValue': set(model, field.name), ariaLabel: field.label,
  }, () => (choicesOf(field.options) || []).map((option) => h(ElCheckbox, {
    key: option.value, value: option.value, label: t(option.label),
  })));
}

const check = (field, model) => h(ElCheckbox, {
  modelValue: Boolean(model[field.name]), 'onUpdate:modelValue': (on) => { model[field.name] = on; }, label: t('是'), ariaLabel: field.label,
});

// The moment of the act is the server's; this only shows that it is taken.
const now = () => h('span', { class: 'digits' }, time(new Date().toISOString()));

// Each line's quantity divided into old cards replaced and new ones: the second follows the first until it is typed over.
function splitLines(field, model, extra) {
  const number = (line, name, label, change) => h(ElInputNumber, {
    modelValue: line[name], 'onUpdate:modelValue': (value) => { line[name] = value ?? 0; change?.(); }, min: 0, controls: false, precision: 0,
    ariaLabel: `${label} ${labelOf('carriers', line.carrier)} ${labelOf('card_specs', line.card_spec)}`, class: 'split-number', disabled: extra.disabled,
  });
  const row = (line) => {
    const wrong = line.replacement + line.new_quantity !== line.quantity;
    return h('tr', { key: line.line_id }, [
      h('td', labelOf('carriers', line.carrier)), h('td', labelOf('card_specs', line.card_spec)), h('td', { class: 'right digits' }, thousands(line.quantity)),
      h('td', [number(line, 'replacement', t('旧卡更换数量'), () => { line.new_quantity = Math.max(0, line.quantity - line.replacement); })]),
      h('td', [number(line, 'new_quantity', t('新增卡数量')), wrong ? h('div', { class: 'bad hint', role: 'alert' }, t('两者之和应为 {count}', { count: thousands(line.quantity) })) : null]),
    ]);
  };
  const sum = (name) => thousands((model[field.name] || []).reduce((total, line) => total + (line[name] || 0), 0));
  return h('div', { class: 'split-box' }, [h('table', { class: 'plain-table' }, [
    h('thead', h('tr', [
      h('th', t('运营商')), h('th', t('卡片规格')), h('th', { class: 'right' }, t('SIM卡总数')), h('th', t('旧卡更换数量')), h('th', t('新增卡数量')),
    ])),
    h('tbody', (model[field.name] || []).map(row)),
    h('tfoot', h('tr', [h('th', { colspan: 2 }, t('合计')), h('td', { class: 'right digits' }, sum('quantity')), h('td', { class: 'digits' }, sum('replacement')), h('td', { class: 'digits' }, sum('new_quantity'))])),
  ])]);
}

// What a link brought along. Its name comes with the list; until then, and without any row, there is none.
function given(field, model, extra) {
  return h('span', { class: 'given' }, [h('span', { class: 'digits' }, extra.named || '…'), h('button', {
    type: 'button', class: 'plain-link', 'aria-label': t('不再限定{label}', { label: field.label }), onClick: () => { model[field.name] = ''; extra.onDrop?.(); },
  }, '✕')]);
}

export const linesOf = (items) => items.map((item) => ({
  line_id: item.id ?? item.city_line_id, carrier: item.carrier, card_spec: item.card_spec, quantity: item.quantity,
  replacement: item.replacement ?? 0, new_quantity: item.new_quantity ?? item.quantity,
}));

const DRAW = {
  text, textarea, password, number: numeric, days, select, tree, month: day('month', 'YYYY-MM'),
  date: day('date', 'YYYY-MM-DD'), dates, iccids: lines, serials: lines, file, checks,
  check, now, split: splitLines, given, volumes,
};

export const draw = (field, model, extra = {}) => (whole.value || extra.dialog || field.kind === 'given'
  ? DRAW[field.kind](field, model, extra) : h('div', { class: 'el-input__wrapper stand-in' }));

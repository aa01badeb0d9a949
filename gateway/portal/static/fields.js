// One drawing function per kind of field, for query forms and dialogs alike.
import { local, options, session } from './api.js';
import { icon } from './icons.js';
import { month, t, thousands, today } from './text.js';

const { h, reactive } = window.Vue;
const {
  ElInput, ElInputNumber, ElSelect, ElOption, ElTreeSelect, ElDatePicker, ElCheckboxGroup, ElCheckbox,
} = window.ElementPlus;

// Choices that have arrived, by name. Drawing reads them; asking happens once in prepare().
export const known = reactive({});

export async function prepare(fields) {
  const names = [...new Set(fields.map((field) => field.options).filter(Boolean))];
  await Promise.all(names.map(async (name) => {
    try { known[name] = await options(name); } catch { known[name] ??= []; }
  }));
}

export function labelOf(name, value) {
  const found = (known[name] || []).find((option) => option.value === String(value));
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

export function initial(field) {
  const user = session.user || {};
  switch (field.default) {
    case '$name': return user.name || '';
    case '$unit': return user.unit || '';
    case '$phone': return user.phone || '';
    case '$today': return today();
    case '$this_month': return month();
    case '$next_month': return month(1);
    case undefined: return field.multiple ? [] : '';
    default: return field.default;
  }
}

// The parameters a field fills: one, or the two ends of a span.
export const names = (field) => (field.until ? [field.name, field.until] : [field.name]);

const SEPARATORS = /[\s,;，；、]+/;
export const split = (text) => [...new Set((text || '').split(SEPARATORS).filter(Boolean))];

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

const numeric = (field, model) => counter(model, field.name, field.label);

const days = (field, model) => h('div', { class: 'span-field' }, [
  counter(model, field.name, `${field.label} ${t('最少')}`), h('span', t('至')),
  counter(model, field.until, `${field.label} ${t('最多')}`), h('span', t('天')),
]);

function select(field, model, extra) {
  return h(ElSelect, {
    modelValue: model[field.name], 'onUpdate:modelValue': set(model, field.name), multiple: field.multiple,
    clearable: !field.required, filterable: true, collapseTags: true, collapseTagsTooltip: true, ariaLabel: field.label,
    placeholder: extra.dialog ? t('请选择') : t('全部'), disabled: extra.disabled,
    noMatchText: t('没有匹配的选项'), noDataText: t('没有可选项'),
  }, () => (known[field.options] || []).map((option) => h(ElOption, {
    key: option.value, value: option.value, label: t(option.label),
  })));
}

function tree(field, model, extra) {
  const data = [].concat(known[field.options] || []);
  return h(ElTreeSelect, {
    modelValue: model[field.name], 'onUpdate:modelValue': set(model, field.name), data, nodeKey: 'code',
    props: { label: 'name', value: 'code', children: 'children' }, checkStrictly: true, filterable: true, clearable: true,
    renderAfterExpand: false, defaultExpandedKeys: data.map((unit) => unit.code), ariaLabel: field.label,
    placeholder: extra.dialog ? t('请选择') : t('本单位及下级'), disabled: extra.disabled,
    filterNodeMethod: (wanted, unit) => !wanted || unit.name.includes(wanted) || unit.code.startsWith(wanted),
  });
}

const day = (kind, format) => (field, model, extra) => h(ElDatePicker, {
  type: kind, modelValue: model[field.name] || null, 'onUpdate:modelValue': set(model, field.name), valueFormat: format,
  ariaLabel: field.label, placeholder: extra.dialog ? '' : t('请选择'), disabled: extra.disabled, class: 'date-field',
});

function dates(field, model) {
  const value = model[field.name] || model[field.until] ? [model[field.name] || '', model[field.until] || ''] : null;
  return h(ElDatePicker, {
    type: 'daterange', modelValue: value, valueFormat: 'YYYY-MM-DD', ariaLabel: field.label, class: 'date-field',
    startPlaceholder: t('开始日期'), endPlaceholder: t('结束日期'), rangeSeparator: t('至'), unlinkPanels: true,
    'onUpdate:modelValue': (chosen) => { [model[field.name], model[field.until]] = chosen || ['', '']; },
  });
}

function iccids(field, model, extra) {
  const count = split(model[field.name]).length;
  return h('div', { class: 'wide' }, [
    h(ElInput, {
      type: 'textarea', rows: extra.dialog ? 6 : 1, resize: extra.dialog ? 'vertical' : 'none', ariaLabel: field.label,
      modelValue: model[field.name], 'onUpdate:modelValue': set(model, field.name),
      placeholder: t('每行一个 ICCID，也可用逗号或空格分隔'), class: 'digits',
    }),
    extra.dialog ? h('div', { class: 'hint', 'aria-live': 'polite' }, t('已识别 {count} 个号码', { count: thousands(count) })) : null,
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
  }, () => (known[field.options] || []).map((option) => h(ElCheckbox, {
    key: option.value, value: option.value, label: t(option.label),
  })));
}

const DRAW = {
  text, textarea, password, number: numeric, days, select, tree, month: day('month', 'YYYY-MM'),
  date: day('date', 'YYYY-MM-DD'), dates, iccids, file, checks,
};

export const draw = (field, model, extra = {}) => DRAW[field.kind](field, model, extra);

// The table of a list page: columns of the spec as Element Plus columns, with numbers that open the list they count.
import { session } from './api.js';
import { labelOf } from './fields.js';
import { icon } from './icons.js';
import { drill } from './plain.js';
import { drawOperations } from './row-actions.js';
import { whole } from './stage.js';
import { drawTag } from './tag.js';
import { language, megabytes, money, t, thousands, time } from './text.js';
import { copy } from './toast.js';

const { h, nextTick } = window.Vue;
const { ElTable, ElTableColumn } = window.ElementPlus;

const RIGHT = new Set(['number', 'days', 'volume', 'yuan']);
const NARROW = new Set(['number', 'days', 'time', 'month', 'date', 'volume', 'yuan']);
export const TICK = 46;
export const side = (spec) => (RIGHT.has(spec.kind) ? 'right' : 'left');
export const digits = (spec) => (NARROW.has(spec.kind) || spec.copy ? 'digits one-line' : '');
const isNothing = (value) => value === null || value === undefined || value === '';

export function textOf(column, value) {
  if (isNothing(value)) return '-';
  switch (column.kind) {
    case 'number': case 'days': return thousands(value);
    case 'volume': return megabytes(value);
    case 'yuan': return money(value);
    case 'time': return time(value);
    case 'choice': return labelOf(column.options, value);
    case 'kinds': return value.map((kind) => `${labelOf('carriers', kind.carrier)}${labelOf('card_specs', kind.card_spec)} ${thousands(kind.quantity)}`).join(t('；'));
    case 'list': return [].concat(value).map((item) => labelOf(column.options, item)).join(t('、'));
    default: return String(value);
  }
}

// A unit's own row among those of its children: 市级直属.
const ownRow = (column, row) => row.exact === true && column.name === 'unit_name';

// A link whose first condition has no value would open something else: that of a sum, or of no record.
const leads = (template, row) => { const first = /\{([a-z0-9_]+)\}/.exec(template); return !first || !isNothing(row[first[1]]); };

export function cell(column, row, linked, filters = {}) {
  const value = row[column.name];
  if (column.kind === 'tag' && !isNothing(value)) {
    return drawTag(column.options, value);
  }
  const text = textOf(column, value) + (ownRow(column, row) ? t('（本级）') : '');
  const nothing = isNothing(value) || (['number', 'volume'].includes(column.kind) && Number(value) === 0);
  const content = linked && column.drill && leads(column.drill, { ...filters, ...row }) && !nothing && (value !== false) && !ownRow(column, row)
    ? h('a', { class: 'drill', href: drill(column.drill, { ...filters, ...row }) }, text) : text;
  if (!column.copy || isNothing(value) || !whole.value) return content;
  return [content, h('button', {
    type: 'button', class: 'copy', title: t('复制'), 'aria-label': t('复制 {value}', { value }), onClick: () => copy(value),
  }, [icon('copy', 13)])];
}

export const drawCell = (spec, row) => cell(spec, row, false);

// A tag is never cut: the words of the rows on this page say how much room it needs, measured in a tag's own letters.
// Around the word: the paddings of cell and tag, and their borders.
const TAG_FRAME = 44;
const breadths = new Map();
let pen = null;

function breadth(word) {
  if (!breadths.has(word)) {
    if (!pen) {
      pen = document.createElement('canvas').getContext('2d');
      pen.font = `12px ${window.getComputedStyle(document.body).fontFamily}`;
    }
    breadths.set(word, Math.ceil(pen.measureText(word).width));
  }
  return breadths.get(word);
}

export function room(spec, rows) {
  const width = spec.width || 120;
  if (spec.kind === 'choice' && language.code === 'en') return Math.round(width * 1.35);
  if (spec.kind !== 'tag') return width;
  const words = [...new Set(rows.map((row) => row[spec.name]))].filter((value) => !isNothing(value)).map((value) => labelOf(spec.options, value));
  return Math.round(Math.max(width, ...words.map((word) => breadth(word) + TAG_FRAME)));
}

function column(spec, rows, linked, filters) {
  return h(ElTableColumn, {
    key: spec.name, prop: spec.sort || spec.name, label: spec.label, columnKey: spec.name, fixed: spec.fixed ? 'left' : false,
    width: spec.fixed ? room(spec, rows) : undefined, minWidth: room(spec, rows), align: side(spec),
    sortable: spec.sort ? 'custom' : false, showOverflowTooltip: spec.kind !== 'tag' && !spec.copy,
    className: digits(spec),
  }, { default: ({ row }) => cell(spec, row, linked(spec), filters) });
}

function ticks(props) {
  const { rows, rowKey, picked, onPick } = props;
  const all = rows.length > 0 && rows.every((row) => picked.has(row[rowKey]));
  const some = rows.some((row) => picked.has(row[rowKey]));
  const box = (checked, label, change, mixed) => h('input', {
    type: 'checkbox', class: 'tick', checked, 'aria-label': label, onChange: (event) => change(event.target.checked),
    onVnodeMounted: (node) => { node.el.indeterminate = Boolean(mixed); },
    onVnodeUpdated: (node) => { node.el.indeterminate = Boolean(mixed); },
  });
  return h(ElTableColumn, { key: '_tick', width: TICK, fixed: 'left', align: 'center', className: 'tick-cell' }, {
    header: () => box(all, t('选择本页全部'), (on) => onPick(rows, on), some && !all),
    default: ({ row }) => box(picked.has(row[rowKey]), t('选择 {value}', { value: row[rowKey] }), (on) => onPick([row], on)),
  });
}

const summary = (columns, totals, linked, filters) => ({ columns: drawn }) => drawn.map((place, index) => {
  if (index === 0) return t('合计');
  const spec = columns.find((item) => item.name === place.property);
  return spec && spec.name in totals ? cell(spec, totals, linked(spec), { unit: session.user.unit, ...filters }) : '';
});

// Element Plus shows the order by colour alone; this says it.
function sayOrder({ el }) {
  for (const head of el.querySelectorAll?.('th.is-sortable') || []) {
    const way = ['ascending', 'descending'].find((name) => head.classList.contains(name));
    head.setAttribute('aria-sort', way || 'none');
  }
}

// props: page, columns, rows, rowKey, filters, totals, linked, order, picked, onPick, onSort, onAction, dense, empty, height
export function drawTable(props, ref) {
  const { page, columns } = props;
  const parts = [];
  if (page.batch?.length) parts.push(ticks(props));
  parts.push(...columns.map((spec) => column(spec, props.rows, props.linked, props.filters)));
  if (page.actions?.length) parts.push(drawOperations(page.actions, props.rows, props.onAction));
  return h(ElTable, {
    ref, key: `${page.key}/${columns.map((spec) => spec.name).join()}`, data: props.rows, size: props.dense ? 'small' : 'default',
    border: true, height: props.height, defaultSort: props.order, showSummary: Boolean(page.sums && props.totals && props.rows.length),
    summaryMethod: page.sums ? summary(columns, props.totals || {}, props.linked, props.filters) : undefined,
    onSortChange: ({ prop, order }) => props.onSort(order ? prop : '', order),
    maxHeight: props.maxHeight,
    rowClassName: ({ row }) => (props.picked.has(row[props.rowKey]) ? 'picked' : Array.isArray(row.changed) && row.changed.length ? 'changed' : ''),
    'aria-label': page.title, class: 'list-table', onVnodeMounted: sayOrder, onVnodeUpdated: (node) => nextTick(() => sayOrder(node)),
  }, { default: () => parts, empty: props.empty });
}

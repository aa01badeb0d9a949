// The rows of the portal's first page while the table that sorts, picks and stretches is not made yet: plain HTML in that
// table's classes and widths, which is there in a tenth of the time. The table takes its place as soon as it was seen.
import { TICK, cell, digits, room, side } from './table.js';
import { operationsIn, widthOfOperations } from './row-actions.js';
import { t } from './text.js';

const { h } = window.Vue;

const look = (spec) => ['el-table__cell', `is-${side(spec)}`, digits(spec)];
const wide = (width) => h('col', { width });
const head = (spec) => h('th', { class: look(spec) }, h('div', { class: 'cell' }, [
  spec.label, spec.sort ? h('span', { class: 'caret-wrapper' }, [h('i', { class: 'sort-caret ascending' }), h('i', { class: 'sort-caret descending' })]) : null,
]));
const box = () => h('div', { class: 'cell' }, h('input', { type: 'checkbox', class: 'tick', 'aria-disabled': 'true', tabindex: -1 }));
const LAST = 'el-table__cell el-table-fixed-column--right is-first-column operations first-operations';

// What is left of the width goes to the columns that are not fixed, by their own, as that table shares it out: in whole
// pixels, the first takes what remains.
function stretch(el, columns, widths, sum) {
  const loose = columns.map((spec, index) => index).filter((index) => !columns[index].fixed);
  const rest = el.clientWidth - sum;
  if (rest <= 0 || !loose.length) return;
  const shared = loose.reduce((all, index) => all + widths[index], 0);
  const [first, ...others] = loose;
  const more = others.map((index) => Math.floor((widths[index] * rest) / shared));
  const cols = el.querySelectorAll('col.data');
  others.forEach((index, place) => { cols[index].width = widths[index] + more[place]; });
  cols[first].width = widths[first] + rest - more.reduce((all, one) => all + one, 0);
}

// As drawTable; picks, sorts and sums nothing.
export function drawFirstTable({ page, columns, rows, linked, filters, onAction, dense, empty }) {
  const ticks = Boolean(page.batch?.length);
  const widths = columns.map((spec) => room(spec, rows));
  const last = page.actions?.length ? widthOfOperations(page.actions, rows) : 0;
  const line = (row) => h('tr', { key: row[page.row_key], class: 'el-table__row' }, [
    ticks ? h('td', { class: 'el-table__cell tick-cell' }, box()) : null,
    ...columns.map((spec) => h('td', { class: look(spec) }, h('div', { class: 'cell first-cell' }, cell(spec, row, linked(spec), filters)))),
    last ? h('td', { class: LAST }, h('div', { class: 'cell' }, operationsIn(page.actions, row, onAction))) : null,
  ]);
  const sum = widths.reduce((all, width) => all + width, last + (ticks ? TICK : 0));
  const share = ({ el }) => stretch(el, columns, widths, sum);
  return h('div', {
    class: ['el-table', 'el-table--border', 'el-table--fit', 'list-table', 'first-table', { 'el-table--small': dense }], onVnodeMounted: share, onVnodeUpdated: share,
  }, [
    h('table', { style: { minWidth: `${sum}px` }, 'aria-label': page.title }, [
      h('colgroup', [ticks ? wide(TICK) : null, ...widths.map((width) => h('col', { width, class: 'data' })), last ? wide(last) : null]),
      h('thead', h('tr', [ticks ? h('th', { class: 'el-table__cell tick-cell' }, box()) : null, ...columns.map(head), last ? h('th', { class: LAST }, h('div', { class: 'cell' }, t('操作'))) : null])),
      h('tbody', rows.map(line)),
    ]),
    rows.length ? null : h('div', { class: 'el-table__empty-block' }, h('div', { class: 'el-table__empty-text' }, [empty()])),
  ]);
}

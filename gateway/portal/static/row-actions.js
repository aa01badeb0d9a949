// What can be done with one row: up to three acts in the row, of more the two next steps and a menu with the rest.
// What destroys or sends back stands apart, always at the end.
import { drill } from './plain.js';
import { visit } from './route.js';
import { waiting, whole } from './stage.js';
import { t } from './text.js';

const { h } = window.Vue;
const { ElButton, ElDropdown, ElDropdownItem, ElDropdownMenu, ElTableColumn } = window.ElementPlus;
const INLINE = 3;

// A word, or one of several.
export const permits = (action, row) => !action.can || action.can.split('|').some((word) => (row.can || []).includes(word));

const isDangerous = (action) => action.kind === 'danger';
const apart = (actions) => [...actions.filter((action) => !isDangerous(action)), ...actions.filter(isDangerous)];

// What the row's state calls for comes before what can always be looked at.
function arranged(actions, row) {
  const given = apart(actions.filter((action) => permits(action, row)));
  if (given.length <= INLINE) return { inline: given, more: [] };
  const next = [...given].sort((one, other) => Boolean(other.can && !isDangerous(other)) - Boolean(one.can && !isDangerous(one))).slice(0, INLINE - 1);
  return { inline: given.filter((action) => next.includes(action)), more: given.filter((action) => !next.includes(action)) };
}

const wide = (label) => [...label].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 255 ? 14 : 8), 14);
const widthOf = ({ inline, more }) => inline.reduce((sum, action) => sum + wide(action.label), 22) + (more.length ? wide(t('更多')) + 14 : 0);

function button(action, row, onAction, first) {
  const style = isDangerous(action) && !first ? 'apart' : '';
  return action.opens
    ? h('a', { key: action.label, class: 'el-button el-button--primary is-link', href: drill(action.opens, row) }, action.label)
    : h('button', {
      key: action.label, type: 'button', class: ['el-button', isDangerous(action) ? 'el-button--danger' : 'el-button--primary', 'is-link', style], onClick: () => onAction(action, row),
    }, h('span', action.label));
}

function menu(more, row, onAction) {
  const run = (action) => { if (action.opens) visit(drill(action.opens, row)); else onAction(action, row); };
  const opener = () => h(ElButton, { link: true, type: 'primary', 'aria-haspopup': 'menu', title: more.map((action) => action.label).join(t('、')), ...waiting() }, () => t('更多'));
  if (!whole.value) return opener();
  return h(ElDropdown, { key: '_more', trigger: 'click', onCommand: run }, {
    default: opener,
    dropdown: () => h(ElDropdownMenu, null, () => more.map((action, place) => h(ElDropdownItem, {
      key: action.label, command: action, class: isDangerous(action) ? 'bad' : '', divided: isDangerous(action) && place > 0 && !isDangerous(more[place - 1]),
    }, () => action.label))),
  });
}

export const widthOfOperations = (actions, rows) => Math.max(72, ...rows.map((row) => widthOf(arranged(actions, row))));

export function operationsIn(actions, row, onAction) {
  const { inline, more } = arranged(actions, row);
  if (!inline.length) return h('span', { class: 'quiet' }, '-');
  return [...inline.map((action, place) => button(action, row, onAction, place === 0)), ...(more.length ? [menu(more, row, onAction)] : [])];
}

export const drawOperations = (actions, rows, onAction) => h(ElTableColumn, {
  key: '_can', label: t('操作'), width: widthOfOperations(actions, rows), fixed: 'right', className: 'operations',
}, { default: ({ row }) => operationsIn(actions, row, onAction) });

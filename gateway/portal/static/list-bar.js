// Above a table: buttons over ticked rows and for the list as a whole, tools, and what the server warns of.
import { drawTools } from './list-tools.js';
import { fill } from './plain.js';
import { permits } from './row-actions.js';
import { t, thousands } from './text.js';

const { h } = window.Vue;
const { ElAlert, ElButton } = window.ElementPlus;

// How a list stands to the address: being asked, or showing what ``data-answers`` asked.
export const standing = (data, ready) => ({ 'aria-busy': String(data.busy || !ready), 'data-answers': data.answered || undefined });

// A text with the answer's fields in it; without values there is nothing to warn of.
export function drawWarning(template, answer) {
  if (!template) return null;
  const holes = [...template.matchAll(/\{([a-z0-9_]+)\}/g)].map((found) => found[1]);
  // A list that says nothing is no reason to warn.
  if (!holes.every((name) => answer?.[name] && answer[name].length !== 0)) return null;
  const said = Object.fromEntries(holes.map((name) => [name, [].concat(answer[name]).join(t('；'))]));
  return h(ElAlert, { type: 'warning', title: fill(template, said), showIcon: true, closable: false, class: 'list-alert', role: 'status' });
}

export function drawAlert(data, reload) {
  if (!data.error) return null;
  return h(ElAlert, {
    type: 'error', showIcon: true, closable: false, title: data.forbidden ? t('无权限') : t('加载失败：{reason}', { reason: data.error }), class: 'list-alert',
  }, { default: () => (data.forbidden ? data.error : h(ElButton, { size: 'small', onClick: reload }, () => t('重试'))) });
}

// props: page, data, picked, taste, state, columns, pageCan, reload, save, act(action, row), pickAll (null: not offered)
export function drawBar(props) {
  const { page, picked, pageCan, act } = props;
  const rows = [...picked.values()];
  const button = (action, disabled, useless = false) => h(ElButton, {
    title: useless ? action.useless || t('所选的卡都不能执行此操作') : undefined,
    key: action.label, type: disabled || action.kind === 'default' ? undefined : action.kind, plain: action.kind === 'danger', disabled, onClick: () => act(action, null),
  }, () => action.label);
  const nobody = (action) => Boolean(rows.length) && Boolean(action.can) && !rows.some((row) => permits(action, row));
  const batch = (page.batch || []).filter((action) => !action.page_can || pageCan.includes(action.page_can));
  const toolbar = (page.toolbar || []).filter((action) => permits(action, { can: pageCan }));
  const said = batch.find((action) => action.useless && nobody(action));
  const link = (label, onClick) => h('button', { type: 'button', class: 'plain-link', onClick }, label);
  const chosen = picked.size ? h('span', { class: 'chosen', role: 'status' }, [
    t('已选 {count} 项', { count: thousands(picked.size) }), ' · ', link(t('清空'), () => picked.clear()),
    ...(props.pickAll ? [' · ', link(t('选择全部 {count} 条', { count: thousands(props.data.total) }), props.pickAll)] : []),
  ]) : null;
  return h('div', { class: 'bar' }, [
    h('div', { class: 'bar-left' }, [
      ...batch.map((action) => button(action, !rows.length || nobody(action), nobody(action))), chosen,
      said ? h('span', { class: 'bad', role: 'alert' }, said.useless) : null,
    ]),
    h('div', { class: 'bar-right' }, [...toolbar.map((action) => button(action, false)), ...drawTools(props)]),
  ]);
}

// Export menu, column settings, density and refresh; and what an empty table says.
import { call, newKey } from './api.js';
import { icon } from './icons.js';
import { followJob } from './job-state.js';
import { failure } from './toast.js';
import { waiting, whole } from './stage.js';
import { t } from './text.js';

const { h } = window.Vue;
const { ElButton, ElCheckbox, ElDropdown, ElDropdownItem, ElDropdownMenu, ElEmpty, ElPopover, ElSkeleton } = window.ElementPlus;

const storageKey = (login, page) => `simkeep.list.${login}.${page.key}`;

export function remembered(login, page) {
  const standard = { columns: page.columns.filter((column) => !column.hidden).map((column) => column.name), dense: false };
  try {
    const saved = JSON.parse(localStorage.getItem(storageKey(login, page)) || 'null');
    const names = new Set(page.columns.map((column) => column.name));
    const columns = (saved?.columns || []).filter((name) => names.has(name));
    return columns.length ? { columns, dense: Boolean(saved.dense) } : { ...standard, dense: Boolean(saved?.dense) };
  } catch {
    return standard;
  }
}

export function remember(login, page, taste) {
  try { localStorage.setItem(storageKey(login, page), JSON.stringify(taste)); } catch { /* not kept, nothing lost */ }
}

async function exportRows({ page, data, state, columns }, scope, format) {
  const query = data.query(state);
  const paging = { cursor: query.cursor || null, size: query.size, sort: query.sort, order: query.order };
  const filters = { ...state.filters, ...data.linkedParams() };
  const body = { resource: page.export, filters, format, scope, columns: columns.map((column) => column.name) };
  if (scope === 'page' && page.paged) Object.assign(body, paging);
  else Object.assign(body, { sort: query.sort, order: query.order });
  try {
    const { job_id: id } = await call('POST', '/exports', { body, headers: { 'Idempotency-Key': newKey() } });
    followJob(id, { download: true });
  } catch (error) {
    failure(error);
  }
}

function exportMenu(props) {
  const entry = (scope, format, label) => h(ElDropdownItem, { key: label, command: [scope, format] }, () => label);
  const opener = () => h(ElButton, { 'aria-haspopup': 'menu', ...waiting() }, () => [icon('export', 15), h('span', t('导出')), icon('down', 13)]);
  if (!whole.value) return opener();
  return h(ElDropdown, {
    trigger: 'click', onCommand: ([scope, format]) => exportRows(props, scope, format),
  }, {
    default: opener,
    dropdown: () => h(ElDropdownMenu, null, () => [
      ...(props.page.paged ? [entry('page', 'xlsx', t('导出当前 XLSX')), entry('page', 'csv', t('导出当前 CSV'))] : []),
      entry('all', 'xlsx', t('导出全部 XLSX')), entry('all', 'csv', t('导出全部 CSV')),
    ]),
  });
}

function columnMenu({ page, taste, save }) {
  const toggle = (column, on) => {
    const chosen = new Set(taste.columns);
    if (on) chosen.add(column.name); else chosen.delete(column.name);
    taste.columns = page.columns.filter((item) => chosen.has(item.name)).map((item) => item.name);
    save();
  };
  const opener = () => h(ElButton, { class: 'tool', 'aria-label': t('列设置'), title: t('列设置'), ...waiting() }, () => icon('columns'));
  if (!whole.value) return opener();
  return h(ElPopover, { trigger: 'click', placement: 'bottom-end', width: 200, persistent: false }, {
    reference: opener,
    default: () => h('div', { class: 'column-menu', role: 'group', 'aria-label': t('列设置') }, page.columns.map((column) => h(ElCheckbox, {
      key: column.name, modelValue: taste.columns.includes(column.name), disabled: column.fixed, label: column.label,
      'onUpdate:modelValue': (on) => toggle(column, on),
    }))),
  });
}

export function drawTools(props) {
  const { page, taste, save, reload } = props;
  const tool = (name, label, onClick, pressed) => h(ElButton, {
    class: 'tool', 'aria-label': label, title: label, onClick, 'aria-pressed': pressed,
  }, () => icon(name));
  return [
    page.export ? exportMenu(props) : null,
    tool('refresh', t('刷新'), reload),
    tool('density', t('紧凑显示'), () => { taste.dense = !taste.dense; save(); }, String(taste.dense)),
    columnMenu(props),
  ];
}

export function drawEmpty(data, filtered, reset) {
  if (!data.loaded) return h(ElSkeleton, { rows: 6, animated: true, class: 'starting-rows' });
  if (data.error) return h('span', { class: 'quiet' }, t('未能取得数据'));
  return h(ElEmpty, { imageSize: 72, description: t('暂无数据') }, () => (filtered
    ? h(ElButton, { link: true, type: 'primary', onClick: reset }, () => t('清除查询条件试试')) : null));
}

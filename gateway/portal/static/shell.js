// Header, menu, breadcrumb and tabs around the page.
import { openAction } from './action.js';
import { logout, session } from './api.js';
import { labelOf, prepare } from './fields.js';
import { icon } from './icons.js';
import { jobs, running } from './job-state.js';
import { href } from './plain.js';
import { route } from './route.js';
import { searchButton } from './search.js';
import { waiting, whole } from './stage.js';
import { language, t, thousands } from './text.js';
import { todo, waitingAt } from './todo.js';
import { rootOf, trail } from './trail.js';

const { h, nextTick, reactive } = window.Vue;
const { ElBadge, ElDropdown, ElDropdownItem, ElDropdownMenu, ElTooltip } = window.ElementPlus;

const state = reactive({ folded: window.innerWidth < 1000, shut: {} });

function path(entries, key, trail = []) {
  for (const entry of entries) {
    if (entry.key === key) return [...trail, entry];
    const found = entry.entries && path(entry.entries, key, [...trail, entry]);
    if (found) return found;
  }
  return null;
}

// The number is the entry's description, not part of its name.
const badge = (count) => (count ? h('span', { class: 'menu-badge digits', 'aria-hidden': 'true' }, thousands(count)) : null);

let revealed = null;

// The menu is longer than the window: the entry of the page shown is brought into sight once.
function reveal(link) {
  if (link && link !== revealed) nextTick(() => link.scrollIntoView({ block: 'nearest' }));
  revealed = link || revealed;
}

function leaf(entry, active, depth, pages) {
  const style = { paddingLeft: `${20 + depth * 14}px` };
  if (!entry.open) {
    return h('li', { key: entry.key }, h(ElTooltip, { content: t('尚未开通'), placement: 'right', showAfter: 150 }, () => h('a', {
      class: 'menu-link disabled', style, role: 'link', 'aria-disabled': 'true', tabindex: 0, title: t('尚未开通'),
    }, entry.title)));
  }
  const waiting = entry.key === 'notices' ? todo.unread : waitingAt(entry.key, pages);
  return h('li', { key: entry.key }, h('a', {
    ref: entry.key === active ? reveal : undefined,
    class: ['menu-link', { active: entry.key === active }], style, href: href(entry.key), 'aria-current': entry.key === active ? 'page' : undefined,
    title: waiting ? t('{count} 项待办', { count: thousands(waiting) }) : undefined,
  }, [entry.key === 'home' ? icon('home') : entry.key === 'notices' ? icon('bell') : null, entry.title, badge(waiting)]));
}

function branch(entry, active, depth, pages) {
  const shut = Boolean(state.shut[entry.title]);
  return h('li', { key: entry.title }, [
    h('button', {
      type: 'button', class: ['menu-group', `depth-${depth}`], style: { paddingLeft: `${20 + depth * 14}px` }, 'aria-expanded': String(!shut),
      onClick: () => { state.shut[entry.title] = !shut; },
    }, [entry.icon ? icon(entry.icon) : null, h('span', entry.title), h('span', { class: ['turn', { up: !shut }] }, [icon('down', 14)])]),
    shut ? null : list(entry.entries, active, depth + 1, pages),
  ]);
}

const list = (entries, active, depth, pages) => h('ul', { class: 'menu-list' }, entries.map(
  (entry) => (entry.entries ? branch(entry, active, depth, pages) : leaf(entry, active, depth, pages))));

const subject = () => trail.subject || route.params.number || route.params.iccid || '';

function crumbs(ui) {
  const spec = ui.pages[route.key];
  const above = path(ui.menu, rootOf(ui.pages)) || [];
  const parts = above.map((entry) => (entry.key && entry.key !== route.key ? h('a', { href: href(entry.key) }, entry.title) : h('span', entry.title)));
  for (const step of trail.steps) {
    const from = ui.pages[step.key];
    if (!from?.tab_of) parts.pop();
    if (from) parts.push(h('a', { href: step.url }, (from.tab_of && from.tab) || from.title));
  }
  if (spec?.tab_of && !spec.tab) parts.push(h('span', [spec.title, subject() ? ` ${subject()}` : '']));
  return h('nav', { class: 'crumbs', 'aria-label': t('当前位置') }, [h('ol', parts.map((part, index) => h('li', { key: index }, [part])))]);
}

function tabs(ui) {
  const spec = ui.pages[route.key];
  if (!spec?.tab) return null;
  const root = spec.tab_of || spec.key;
  const family = Object.values(ui.pages).filter((page) => page.tab && (page.key === root || page.tab_of === root));
  if (family.length < 2) return null;
  return h('nav', { class: 'tabs', 'aria-label': t('页签') }, family.map((page) => h('a', {
    key: page.key, href: href(page.key), class: { active: page.key === route.key }, 'aria-current': page.key === route.key ? 'page' : undefined,
  }, page.tab)));
}

function account(actions) {
  const user = session.user;
  const roles = (user.roles || []).map((role) => labelOf('roles', role)).join(t('、'));
  const opener = () => h('button', { type: 'button', class: 'account', 'aria-haspopup': 'menu', ...waiting() }, [
    icon('user', 18), h('span', { class: 'account-text' }, [h('strong', user.name || user.login), h('small', [user.unit_name || user.unit, roles ? ` · ${roles}` : ''])]),
    icon('down', 14),
  ]);
  if (!whole.value) return opener();
  return h(ElDropdown, { trigger: 'click', onCommand: (act) => (act ? openAction({ action: act, done: logout }) : logout()) }, {
    default: opener,
    dropdown: () => h(ElDropdownMenu, null, () => [
      ...actions.map((action) => h(ElDropdownItem, { key: action.label, command: action }, () => action.label)),
      h(ElDropdownItem, { command: null, divided: true }, () => t('退出登录')),
    ]),
  });
}

function taskButton(ui) {
  if (!ui.pages.jobs) return null;
  const going = running();
  return h(ElBadge, { value: going, hidden: !going, type: 'warning' }, () => h('button', {
    type: 'button', class: 'head-button', title: t('导出中心与任务'), 'aria-label': t('导出中心与任务'),
    onClick: () => { if (going && jobs.shown) jobs.open = true; else window.location.hash = '#/jobs'; },
  }, [icon('tasks', 18), h('span', t('任务'))]));
}

function bell(ui) {
  if (!ui.pages.notices) return null;
  return h(ElBadge, { value: todo.unread, max: 99, hidden: !todo.unread, type: 'danger' }, () => h('a', {
    class: 'head-button', title: t('通知'), 'aria-label': t('通知，{count} 条未读', { count: todo.unread }), href: href('notices'),
  }, [icon('bell', 18), h('span', t('通知'))]));
}

export function drawShell({ ui, page, onLanguage }) {
  prepare([{ options: 'roles' }]);
  const other = language.code === 'en' ? 'zh' : 'en';
  return h('div', { class: ['shell', { folded: state.folded }] }, [
    h('a', { class: 'skip', href: '#main', onClick: (event) => { event.preventDefault(); document.getElementById('main').focus(); } }, t('跳到正文')),
    h('header', { class: 'top' }, [
      h('button', {
        type: 'button', class: 'head-button', 'aria-label': t('收起或展开菜单'), title: t('收起或展开菜单'), 'aria-expanded': String(!state.folded),
        onClick: () => { state.folded = !state.folded; },
      }, [icon('fold', 20)]),
      h('a', { class: 'brand', href: '#/home' }, [h('span', { class: 'brand-mark', 'aria-hidden': 'true' }, [icon('card', 20)]), t('SIM卡全流程管理')]),
      h('span', { class: 'brand-note' }, t('用电信息采集')),
      h('div', { class: 'top-right' }, [
        searchButton(), bell(ui), taskButton(ui),
        h('button', { type: 'button', class: 'head-button', lang: other === 'en' ? 'en' : 'zh-CN', onClick: () => onLanguage(other) }, other === 'en' ? 'English' : '中文'),
        account(ui.account),
      ]),
    ]),
    state.folded ? null : h('nav', { class: 'menu', 'aria-label': t('主菜单') }, [list(ui.menu, rootOf(ui.pages), 0, ui.pages)]),
    h('main', { id: 'main', class: 'main', tabindex: -1 }, [
      route.key === 'home' ? null : h('div', { class: 'place' }, [crumbs(ui), tabs(ui)]),
      h('div', { class: 'page' }, [page()]),
    ]),
  ]);
}

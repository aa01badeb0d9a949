// 首页: what waits for this user and since when, and how things stand in his units. Each number opens the list behind it.
import { explain, get, session } from './api.js';
import { CoverTile, OrdersTile, OverdueTile, UsageTile, WindowTile, age } from './dashboard-tiles.js';
import { TrendTile } from './dashboard-trend.js';
import { labelOf, prepare } from './fields.js';
import { href } from './plain.js';
import { t, thousands } from './text.js';
import { loadTodo, pageOf, todo, todoHref } from './todo.js';

const { h, reactive } = window.Vue;
const { ElAlert, ElButton, ElEmpty, ElSkeleton } = window.ElementPlus;

function greeting() {
  const hour = Number(new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hour12: false, timeZone: 'Asia/Shanghai' }).format(new Date()));
  if (hour < 6) return t('夜深了');
  if (hour < 12) return t('上午好');
  return hour < 18 ? t('下午好') : t('晚上好');
}

// A card's life in its order.
const STATES = ['received', 'unqualified', 'in_stock', 'pending_install', 'running', 'pending_scrap', 'terminating', 'terminated'];

// How long it waits: days since the oldest, or at least the days that its limit says.
const waited = (item) => {
  if (item.since) return age(item.since);
  return item.limit_days ? t('超过 {days} 天', { days: item.limit_days }) : '';
};

const OLDEST_FIRST = (one, other) => (one.since || '9').localeCompare(other.since || '9');

function waiting(items) {
  const open = [
    ...todo.items.filter(pageOf).map((item) => ({ ...item, href: todoHref(item) })),
    ...items.filter((item) => item.count > 0).map((item) => ({ ...item, href: href(item.page, item.params), label: labelOf('waiting', item.key) })),
  ].sort(OLDEST_FIRST);
  return h('section', { class: 'card waiting', 'aria-label': t('待办事项') }, [
    h('header', [h('h2', t('待办事项'))]),
    open.length ? h('ul', open.map((item) => h('li', { key: item.key }, [
      h('a', { href: item.href }, [
        h('span', [item.label, waited(item) && h('small', { class: 'quiet age' }, waited(item))]),
        h('strong', { class: 'digits' }, thousands(item.count)),
      ]),
    ]))) : h(ElEmpty, { imageSize: 64, description: t('没有待办事项') }),
  ]);
}

function states({ counts, total }, unit) {
  const tile = (label, count, state, extra) => h('a', { class: ['tile', extra], href: href('cards', { owner_unit: unit, state }), key: label }, [
    h('span', { class: 'tile-label' }, label), h('strong', { class: 'digits' }, thousands(count)),
  ]);
  return h('section', { class: 'tiles', 'aria-label': t('各状态卡数') }, [
    tile(t('卡片总数'), total, undefined, 'all'),
    ...STATES.map((state) => tile(labelOf('card_states', state), counts[state] || 0, state, `state-${state}`)),
  ]);
}

export default {
  setup() {
    const state = reactive({ answer: null, error: '' });
    async function load() {
      state.error = '';
      loadTodo();
      try {
        const [answer] = await Promise.all([get('/dashboard'), prepare([{ options: 'card_states' }, { options: 'waiting' }])]);
        state.answer = answer;
      } catch (error) {
        state.error = explain(error);
      }
    }
    load();
    return () => {
      const { user } = session;
      const head = h('div', { class: 'welcome' }, [
        h('h1', `${greeting()}${t('，')}${user.name || user.login}`), h('span', { class: 'quiet' }, user.unit_name || user.unit),
      ]);
      if (state.error) {
        return [head, h(ElAlert, { type: 'error', title: t('加载失败：{reason}', { reason: state.error }), showIcon: true, closable: false },
          () => h(ElButton, { size: 'small', onClick: load }, () => t('重试')))];
      }
      if (!state.answer) return [head, h(ElSkeleton, { rows: 8, animated: true })];
      const reports = user.permissions.includes('report.view');
      return h('div', { class: 'dashboard' }, [
        head, states(state.answer, user.unit),
        h('div', { class: 'dashboard-columns' }, [
          h('div', { class: 'dashboard-main' }, [
            h('div', { class: 'dashboard-row' }, [h(WindowTile), h(OrdersTile), h(OverdueTile)]),
            user.permissions.includes('usage.view') && h('div', { class: 'dashboard-row' }, [h(UsageTile)]),
            reports && h(CoverTile),
            reports && h(TrendTile),
          ]),
          waiting(state.answer.waiting || []),
        ]),
      ]);
    };
  },
};

// 首页: how many cards stand in which state, and what waits for this user.
import { explain, get, session } from './api.js';
import { BarChart } from './chart.js';
import { labelOf, prepare } from './fields.js';
import { href } from './route.js';
import { drawTag } from './tag.js';
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

// A card's life in its order, which is also the order of the chart's colours.
const STATES = ['received', 'unqualified', 'in_stock', 'pending_install', 'running', 'pending_scrap', 'terminating', 'terminated'];
const statesOf = (answer) => STATES.map((state) => ({ state, count: answer.counts[state] || 0 }));

function waiting(items) {
  const open = [
    ...todo.items.filter(pageOf).map((item) => ({ ...item, href: todoHref(item) })),
    ...items.filter((item) => item.count > 0).map((item) => ({ ...item, href: href(item.page, item.params), label: labelOf('waiting', item.key) })),
  ];
  return h('section', { class: 'card waiting', 'aria-label': t('待办事项') }, [
    h('header', [h('h2', t('待办事项'))]),
    open.length ? h('ul', open.map((item) => h('li', { key: item.key }, [
      h('a', { href: item.href }, [
        h('span', item.label), h('strong', { class: 'digits' }, thousands(item.count)),
      ]),
    ]))) : h(ElEmpty, { imageSize: 64, description: t('没有待办事项') }),
  ]);
}

function tiles(states, total, unit) {
  const link = (state) => href('cards', { owner_unit: unit, state });
  const tile = (label, count, to, extra) => h('a', { class: ['tile', extra], href: to, key: label }, [
    h('span', { class: 'tile-label' }, label), h('strong', { class: 'digits' }, thousands(count)),
  ]);
  return h('section', { class: 'tiles', 'aria-label': t('各状态卡数') }, [
    tile(t('卡片总数'), total, href('cards', { owner_unit: unit }), 'all'),
    ...states.map(({ state, count }) => tile(labelOf('card_states', state), count, link(state), `state-${state}`)),
  ]);
}

function table(states, total, unit) {
  return h('section', { class: 'card state-table', 'aria-label': t('各状态卡数表') }, [
    h('header', [h('h2', t('各状态卡数'))]),
    h('table', { class: 'plain-table roomy' }, [
      h('thead', h('tr', [h('th', t('卡片状态')), h('th', { class: 'right' }, t('数量（张）')), h('th', { class: 'right' }, t('占比'))])),
      h('tbody', states.map(({ state, count }) => h('tr', { key: state }, [
        h('td', [drawTag('card_states', state)]),
        h('td', { class: 'right digits' }, [count ? h('a', { class: 'drill', href: href('cards', { owner_unit: unit, state }) }, thousands(count)) : '0']),
        h('td', { class: 'right digits' }, total ? `${((count * 100) / total).toFixed(1)}%` : '-'),
      ]))),
      h('tfoot', h('tr', [h('th', t('合计')), h('td', { class: 'right digits' }, thousands(total)), h('td', { class: 'right digits' }, total ? '100%' : '-')])),
    ]),
  ]);
}

function chartPage(unit) {
  return {
    chart: { title: t('卡片状态分布'), x: 'label', series: ['count'], unit: t('张') },
    columns: [{ name: 'count', label: t('数量'), drill: `cards?owner_unit=${unit}&state={state}` }],
  };
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
      const user = session.user;
      const head = h('div', { class: 'welcome' }, [
        h('h1', `${greeting()}${t('，')}${user.name || user.login}`), h('span', { class: 'quiet' }, user.unit_name || user.unit),
      ]);
      if (state.error) {
        return [head, h(ElAlert, { type: 'error', title: t('加载失败：{reason}', { reason: state.error }), showIcon: true, closable: false },
          () => h(ElButton, { size: 'small', onClick: load }, () => t('重试')))];
      }
      if (!state.answer) return [head, h(ElSkeleton, { rows: 8, animated: true })];
      const states = statesOf(state.answer);
      const { total } = state.answer;
      const rows = states.map((item) => ({ ...item, label: labelOf('card_states', item.state) }));
      return h('div', { class: 'dashboard' }, [
        head, tiles(states, total, user.unit),
        h('div', { class: 'dashboard-columns' }, [
          h('div', { class: 'dashboard-main' }, [h(BarChart, { page: chartPage(user.unit), rows, linked: () => true }), table(states, total, user.unit)]),
          waiting(state.answer.waiting || []),
        ]),
      ]);
    };
  },
};

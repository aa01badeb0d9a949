// The tiles of 首页. Each asks for its own numbers: one that fails says so and leaves the others alone.
import { explain, get, session } from './api.js';
import { unitName, prepare } from './fields.js';
import { href, today } from './plain.js';
import { megabytes, money, t, thousands, time } from './text.js';

const { h, reactive } = window.Vue;
const { ElButton, ElEmpty, ElSkeleton, ElTag } = window.ElementPlus;

const DAY = 86400000;
const midnight = (day) => new Date(`${day}T00:00:00+08:00`).getTime();

// Whole days between two days as people count them in Shanghai.
export const daysSince = (day) => Math.round((midnight(today()) - midnight(day)) / DAY);

export function age(moment) {
  const days = daysSince(time(moment).slice(0, 10));
  return days > 0 ? t('{days} 天', { days }) : t('今天');
}

// A tile over one answer: ``body`` draws it; ``isEmpty`` and ``empty`` say when there is nothing to draw and why.
export function tile({ name, title, path, body, isEmpty = () => false, empty = () => '', wide = false, before = () => null }) {
  return {
    name,
    setup() {
      const state = reactive({ answer: null, error: '' });
      async function load() {
        state.error = '';
        try {
          const [answer] = await Promise.all([get(path), before()]);
          state.answer = answer;
        } catch (error) {
          state.error = explain(error);
        }
      }
      load();
      const inside = () => {
        if (state.error) {
          return h('div', { class: 'tile-failed', role: 'alert' }, [
            h('span', t('加载失败：{reason}', { reason: state.error })), h(ElButton, { size: 'small', onClick: load }, () => t('重试')),
          ]);
        }
        if (!state.answer) return h(ElSkeleton, { rows: wide ? 6 : 3, animated: true });
        return isEmpty(state.answer) ? h(ElEmpty, { imageSize: 48, description: empty() }) : body(state.answer);
      };
      return () => h('section', { class: 'card glance', 'aria-label': title(), 'aria-busy': String(!state.answer && !state.error) }, [
        h('header', [h('h2', title())]), inside(),
      ]);
    },
  };
}

const fact = (label, value) => h('div', { class: 'glance-fact' }, [h('span', { class: 'quiet' }, label), value]);
const figure = (value, to) => h(to ? 'a' : 'strong', { class: ['digits', to && 'drill'], href: to }, thousands(value));
const minute = (moment) => time(moment).slice(0, 16);

const applyPage = () => {
  const level = { 2: 'province', 4: 'city', 6: 'county' }[session.user.unit.length] || 'county';
  return href(`activation-${level}`);
};

export const WindowTile = tile({
  name: 'WindowTile',
  title: () => t('本月开卡申请'),
  path: '/activation/window',
  body: (window_) => [
    h('p', { class: 'glance-head' }, [
      h('a', { class: 'drill', href: applyPage() }, window_.month),
      h(ElTag, { type: window_.is_open ? 'success' : 'info', disableTransitions: true }, () => (window_.is_open ? t('受理中') : t('未开放'))),
    ]),
    fact(t('申请时间'), h('span', { class: 'digits one-line' }, `${minute(window_.opens_at).slice(5)} ~ ${minute(window_.closes_at).slice(5)}`)),
    window_.next_opens_at && fact(t('下次开放'), h('strong', { class: 'digits' }, minute(window_.next_opens_at))),
    window_.closed_reason && h('p', { class: 'quiet' }, window_.closed_reason),
  ],
});

// Of what was ordered, how much has come; without orders there is nothing to be late.
const share = (orders) => Math.min(100, Math.round((orders.delivered * 100) / orders.ordered));

export const OrdersTile = tile({
  name: 'OrdersTile',
  title: () => t('到货与订单'),
  path: '/overview',
  isEmpty: ({ orders }) => !orders.applied && !orders.ordered,
  empty: () => t('近 12 个月没有订单'),
  body: ({ orders }) => {
    const all = href('activation-orders', { month_from: orders.month_from });
    return [
      h('p', { class: 'glance-head' }, [
        h('a', { class: 'drill digits', href: href('activation-orders', { month_from: orders.month_from, open: 'true' }) },
          t('{count} 项未到齐', { count: thousands(orders.open_lines) })),
        h('span', { class: 'quiet' }, t('还差 {count} 张', { count: thousands(orders.open) })),
      ]),
      orders.ordered > 0 && h('div', { class: 'meter', role: 'img', 'aria-label': t('已到货 {percent}%', { percent: share(orders) }) },
        [h('span', { style: { width: `${share(orders)}%` } })]),
      fact(t('订单数量'), figure(orders.ordered, all)),
      fact(t('到货数量'), figure(orders.delivered, all)),
      fact(t('入库数量'), figure(orders.stocked_in, all)),
    ];
  },
});

export const UsageTile = tile({
  name: 'UsageTile',
  title: () => t('本月流量与费用'),
  path: '/usage-overview',
  isEmpty: ({ month }) => !month,
  empty: () => t('还没有流量数据'),
  body: (use) => [
    h('p', { class: 'glance-head' }, [
      h('a', { class: 'drill', href: href('card-usage', { month: use.month }) }, use.month),
      h('span', { class: 'quiet' }, t('{count} 张卡有流量数据', { count: thousands(use.cards) })),
    ]),
    fact(t('运营商流量（MB）'), h('strong', { class: 'digits' }, megabytes(use.carrier_bytes))),
    fact(t('终端流量（MB）'), h('strong', { class: 'digits' }, megabytes(use.terminal_bytes))),
    use.cost_month && fact(t('{month} 费用（元）', { month: use.cost_month }),
      h('a', { class: ['digits', 'drill'], href: href('city-costs', { month: use.cost_month }) }, money(use.cost))),
  ],
});

export const OverdueTile = tile({
  name: 'OverdueTile',
  title: () => t('超期申请单'),
  path: '/overview',
  isEmpty: ({ overdue }) => !overdue.count,
  empty: () => t('没有超期的申请单'),
  body: ({ overdue }) => [
    h('p', { class: 'glance-head' }, [
      h('a', { class: 'drill digits late', href: href('overdue-forms', { overdue: 'true' }) }, t('{count} 份', { count: thousands(overdue.count) })),
    ]),
    fact(t('最久停留'), h('strong', age(overdue.oldest))),
    h('p', { class: 'quiet' }, t('在同一状态停留超过 {days} 天的申请单', { days: overdue.days })),
  ],
});

// Under one month is a shortage, under two a warning; the words stand beside the colour.
function lasting(months) {
  if (months === null) return h('span', { class: 'quiet' }, t('近期无领用'));
  const said = t('{months} 个月', { months: Number(months).toFixed(1) });
  if (Number(months) < 1) return [said, h(ElTag, { type: 'danger', size: 'small', disableTransitions: true }, () => t('不足'))];
  return Number(months) < 2 ? [said, h(ElTag, { type: 'warning', size: 'small', disableTransitions: true }, () => t('偏少'))] : said;
}

const nameOf = (row) => (row.unit_name || unitName(row.unit)) + (row.exact ? t('（本级）') : '');

export const CoverTile = tile({
  name: 'CoverTile',
  title: () => t('库存可用月数'),
  path: '/statistics/cover',
  wide: true,
  before: () => prepare([{ options: 'units' }]),
  isEmpty: ({ items }) => !items.length,
  empty: () => t('没有库存，近期也没有领用'),
  body: ({ days, items, total }) => {
    const line = (row, label, exact) => [
      h('td', { class: 'right' }, [figure(row.in_stock, row.in_stock ? href('cards', { owner_unit: row.unit, unit_exact: exact || undefined, state: 'in_stock' }) : '')]),
      h('td', { class: 'right digits' }, thousands(row.issued)),
      h('td', { class: 'right digits' }, thousands(Number(row.need))),
      h('td', { class: 'lasting' }, [h('span', { class: 'lasting-bar', 'aria-hidden': 'true' }, [h('span', { style: { width: `${Math.min(100, Number(row.months ?? 0) * 100 / 6)}%` } })]), lasting(row.months)]),
    ];
    return [
      h('p', { class: 'quiet' }, t('按近 {days} 天的领用速度计算，最紧张的排在前面。', { days })),
      h('div', { class: 'cover-rows' }, h('table', { class: 'plain-table roomy' }, [
        h('thead', h('tr', [
          h('th', t('供电单位')), h('th', { class: 'right' }, t('库存')), h('th', { class: 'right' }, t('近期领用')),
          h('th', { class: 'right' }, t('月均需求')), h('th', t('可用月数')),
        ])),
        h('tbody', items.map((row) => h('tr', { key: `${row.unit}${row.exact}` }, [h('td', nameOf(row)), ...line(row, nameOf(row), row.exact)]))),
        items.length > 1 && h('tfoot', h('tr', [h('th', t('合计')), ...line(total, t('合计'), false)])),
      ])),
    ];
  },
});

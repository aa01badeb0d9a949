// 近 12 个月: bars of what happened in each month, a line of the stock at its end, and the same numbers below as links.
import { session } from './api.js';
import { charts, letters, still } from './chart.js';
import { daysSince, tile } from './dashboard-tiles.js';
import { href } from './plain.js';
import { colourOf } from './tag.js';
import { t, thousands } from './text.js';

const { h, onBeforeUnmount, onMounted, ref } = window.Vue;

const lastDay = (month) => {
  const [year, number] = month.split('-').map(Number);
  return `${month}-${String(new Date(Date.UTC(year, number, 0)).getUTCDate()).padStart(2, '0')}`;
};

const terminatedIn = ({ month }) => ({
  state: 'terminated', state_days_min: Math.max(0, daysSince(lastDay(month))), state_days_max: daysSince(`${month}-01`),
});

// What a number of the table opens; ``issued`` has no list: a card that was returned and issued again counts twice.
const ROWS = [
  { name: 'opened', label: () => t('开卡'), colour: 'running', to: (row, unit) => href('cards', { owner_unit: unit, stocked_in_from: `${row.month}-01`, stocked_in_to: lastDay(row.month) }) },
  { name: 'issued', label: () => t('领用'), colour: 'pending_install', to: () => '' },
  { name: 'terminated', label: () => t('销卡'), colour: 'terminated', to: (row, unit) => href('cards', { owner_unit: unit, ...terminatedIn(row) }) },
  { name: 'in_stock', label: () => t('月末库存'), colour: 'in_stock', to: (row, unit, last) => (last ? href('cards', { owner_unit: unit, state: 'in_stock' }) : href('cards-by-state', { unit, as_of: row.day })) },
];

const option = (items) => ({
  animation: !still(), animationDuration: 300, textStyle: letters(),
  aria: { enabled: true, label: { description: `${t('近 12 个月')}: ${ROWS.map((row) => row.label()).join(', ')}` } },
  grid: { left: 12, right: 12, top: 56, bottom: 8, containLabel: true },
  legend: { top: 6, left: 0, itemWidth: 12, itemHeight: 12 },
  tooltip: { trigger: 'axis', valueFormatter: (value) => `${thousands(value)} ${t('张')}` },
  xAxis: { type: 'category', data: items.map((item) => item.month), axisTick: { show: false } },
  yAxis: [
    { type: 'value', name: t('张'), minInterval: 1, axisLabel: { formatter: thousands } },
    { type: 'value', name: t('月末库存'), minInterval: 1, axisLabel: { formatter: thousands }, splitLine: { show: false } },
  ],
  series: ROWS.map(({ name, label, colour }) => ({
    id: name, name: label(), type: name === 'in_stock' ? 'line' : 'bar', yAxisIndex: name === 'in_stock' ? 1 : 0,
    barMaxWidth: 18, itemStyle: { color: colourOf(colour) ?? undefined }, data: items.map((item) => item[name]),
  })),
});

const Picture = {
  props: { items: Array },
  setup(props) {
    const box = ref(null);
    const problem = ref('');
    let chart = null;
    let observer = null;
    onMounted(async () => {
      try {
        const echarts = await charts();
        if (!box.value) return;
        chart = echarts.init(box.value, null, { renderer: 'svg' });
        chart.setOption(option(props.items));
        chart.on('click', ({ seriesId, dataIndex }) => {
          const to = ROWS.find((row) => row.name === seriesId).to(props.items[dataIndex], session.user.unit, dataIndex === props.items.length - 1);
          if (to) window.location.hash = to;
        });
        observer = new ResizeObserver(() => chart.resize());
        observer.observe(box.value);
      } catch (error) {
        problem.value = error.message;
      }
    });
    onBeforeUnmount(() => { observer?.disconnect(); chart?.dispose(); });
    return () => (problem.value ? h('p', { class: 'quiet' }, problem.value) : h('div', { ref: box, class: 'chart' }));
  },
};

const cell = (row, item, last) => {
  const to = item[row.name] && row.to(item, session.user.unit, last);
  return h('td', { class: 'right digits', key: item.month }, to ? h('a', { class: 'drill', href: to }, thousands(item[row.name])) : thousands(item[row.name]));
};

export const TrendTile = tile({
  name: 'TrendTile',
  title: () => t('近 12 个月趋势'),
  path: '/statistics/trend',
  wide: true,
  isEmpty: ({ items }) => items.every((item) => ROWS.every((row) => !item[row.name])),
  empty: () => t('近 12 个月没有卡片'),
  body: ({ items }) => [
    h(Picture, { items }),
    h('div', { class: 'trend-rows' }, h('table', { class: 'plain-table' }, [
      h('thead', h('tr', [h('th', t('月份')), ...items.map((item) => h('th', { class: 'right digits', key: item.month }, item.month))])),
      h('tbody', ROWS.map((row) => h('tr', { key: row.name }, [
        h('th', { scope: 'row' }, row.label()), ...items.map((item, at) => cell(row, item, at === items.length - 1)),
      ]))),
    ])),
  ],
});

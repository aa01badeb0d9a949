// Bars over the rows of the table below. ECharts (240 KB) is fetched when the first chart is shown.
import { drill } from './plain.js';
import { colourOf } from './tag.js';
import { t, thousands } from './text.js';

const { h, onBeforeUnmount, onMounted, ref, watch } = window.Vue;
const { ElButton } = window.ElementPlus;
// Where a series or a bar stands for a state of cards it has the colour of that state; of several months the newest is blue.
const COLOURS = ['#2467b3', '#98a5b3', '#e8a33d', '#2f9e6e', '#d6455d', '#8a5a3c', '#8a6bbf', '#5b6670'];
let library = null;

export function charts() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = document.body.dataset.charts;
    script.onload = () => resolve(window.echarts);
    script.onerror = () => { library = null; reject(new Error(t('图表组件加载失败'))); };
    document.head.append(script);
  });
  return library;
}

// The page's own letters, by name: ECharts measures words before it places them, and cannot measure «inherit».
export const letters = () => ({ fontFamily: window.getComputedStyle(document.body).fontFamily });

export const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

// A line for each value of one field: how a number went over the days.
function trend({ chart }, rows) {
  const days = [...new Set(rows.map((row) => row[chart.x]))].sort();
  const [series] = chart.series;
  const names = [...new Set(rows.map((row) => row[chart.lines]))].sort();
  const at = new Map(rows.map((row) => [`${row[chart.lines]}/${row[chart.x]}`, row[series]]));
  return {
    color: COLOURS, animation: !still(), textStyle: letters(), tooltip: { trigger: 'axis' },
    aria: { enabled: true, label: { description: `${chart.title}: ${names.join(', ')}` } },
    grid: { left: 12, right: 24, top: 56, bottom: 8, containLabel: true },
    legend: { top: 6, left: 0, itemWidth: 12, itemHeight: 12, type: 'scroll' },
    xAxis: { type: 'category', data: days, axisTick: { show: false } },
    yAxis: { type: 'value', name: t(chart.unit), scale: true, max: chart.unit === '%' ? 100 : undefined },
    series: names.map((name) => ({ name, type: 'line', data: days.map((day) => at.get(`${name}/${day}`) ?? null), connectNulls: false })),
  };
}

function option(page, rows) {
  const { chart } = page;
  if (chart.lines) return trend(page, rows);
  const label = (row) => row[chart.x] + (row.exact === true ? t('（本级）') : '');
  const named = (name) => page.columns.find((column) => column.name === name);
  const unit = t(chart.unit);
  // Bars of one series have colours of their own only where those mean something.
  const coloured = chart.series.length === 1 && rows.some((row) => colourOf(row.state));
  return {
    color: COLOURS, animation: !still(), animationDuration: 300, textStyle: letters(),
    aria: { enabled: true, label: { description: `${chart.title}: ${rows.map(label).join(', ')}` } },
    grid: { left: 12, right: 24, top: chart.series.length > 1 ? 56 : 36, bottom: 8, containLabel: true },
    legend: { show: chart.series.length > 1, top: 6, left: 0, itemWidth: 12, itemHeight: 12, type: 'scroll' },
    tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: (value) => `${thousands(value)} ${unit}` },
    xAxis: { type: 'category', data: rows.map(label), axisLabel: { interval: 0, hideOverlap: true }, axisTick: { show: false } },
    yAxis: { type: 'value', name: unit, minInterval: 1, axisLabel: { formatter: thousands }, nameTextStyle: { align: 'left' } },
    series: chart.series.map((name) => ({
      id: name, name: named(name).label, type: 'bar', stack: chart.stacked ? 'all' : undefined, barMaxWidth: 48,
      colorBy: coloured ? 'data' : 'series', itemStyle: { color: colourOf(name) ?? undefined },
      data: rows.map((row) => ({ value: row[name], itemStyle: { color: (chart.series.length === 1 && colourOf(row.state)) || undefined } })), cursor: named(name).drill ? 'pointer' : 'default',
    })),
  };
}

export const BarChart = {
  props: { page: Object, rows: Array, filters: Object, linked: Function },
  setup(props) {
    const box = ref(null);
    const problem = ref('');
    let chart = null;
    let observer = null;
    const paint = () => chart?.setOption(option(props.page, props.rows), { notMerge: true });

    onMounted(async () => {
      try {
        const echarts = await charts();
        if (!box.value) return;
        chart = echarts.init(box.value, null, { renderer: 'svg' });
        chart.on('click', ({ seriesId, dataIndex }) => {
          const column = props.page.columns.find((item) => item.name === seriesId);
          if (column?.drill && props.linked(column)) window.location.hash = drill(column.drill, { ...props.filters, ...props.rows[dataIndex] });
        });
        observer = new ResizeObserver(() => chart.resize());
        observer.observe(box.value);
        paint();
      } catch (error) {
        problem.value = error.message;
      }
    });
    watch(() => props.rows, paint);
    onBeforeUnmount(() => { observer?.disconnect(); chart?.dispose(); });

    // The chart is SVG; a picture for a report wants pixels.
    const picture = () => {
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement('canvas');
        canvas.width = image.width * 2;
        canvas.height = image.height * 2;
        const pen = canvas.getContext('2d');
        pen.fillStyle = '#fff';
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(image, 0, 0, canvas.width, canvas.height);
        const link = document.createElement('a');
        link.download = `${props.page.chart.title}.png`;
        link.href = canvas.toDataURL('image/png');
        link.click();
      };
      image.src = chart.getDataURL({ type: 'svg' });
    };
    return () => h('section', { class: 'card chart-card', 'aria-label': props.page.chart.title }, [
      h('header', [h('h2', props.page.chart.title), h(ElButton, { link: true, type: 'primary', onClick: picture }, () => t('保存为图片'))]),
      problem.value ? h('p', { class: 'quiet' }, problem.value) : h('div', { ref: box, class: 'chart' }),
    ]);
  },
};

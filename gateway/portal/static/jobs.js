// The drawer of one job with its live progress, and the page of all jobs: 导出中心与任务.
import { explain, get } from './api.js';
import { drawLeftOut, drawRows, saveRows } from './answer.js';
import { prepare } from './fields.js';
import { icon } from './icons.js';
import { ENDED, command, fetchFile, jobs, note, showJob } from './job-state.js';
import { drawTag } from './tag.js';
import { saidIn, t, thousands, time } from './text.js';

const { h, onBeforeUnmount, reactive } = window.Vue;
const { ElAlert, ElButton, ElDrawer, ElEmpty, ElProgress, ElRadioButton, ElRadioGroup } = window.ElementPlus;
const EVERY = 3000;

const percent = (job) => {
  if (job.state === 'done') return 100;
  return job.total ? Math.min(100, Math.floor((job.done * 100) / job.total)) : 0;
};
const tone = { done: 'success', failed: 'exception' };
const tag = (job) => drawTag('job_states', job.state);
const progress = (job) => h(ElProgress, {
  percentage: percent(job), status: tone[job.state], indeterminate: job.state === 'running' && !job.total, duration: 2, strokeWidth: 8,
  'aria-label': t('进度'),
});
const count = (job) => (job.total ? `${thousands(job.done)} / ${thousands(job.total)}` : thousands(job.done));

function buttons(job) {
  const can = new Set(job.can || []);
  const button = (word, label, type, onClick) => (can.has(word) ? h(ElButton, { key: word, type, size: 'small', onClick }, () => label) : null);
  return h('div', { class: 'job-buttons' }, [
    button('download', t('下载文件'), 'primary', () => fetchFile(job)),
    button('retry', t('重试失败行'), undefined, () => command(job, 'retry')),
    button('cancel', t('取消任务'), 'danger', () => command(job, 'cancel')),
  ]);
}

function detail(job, rows) {
  const facts = [
    [t('状态'), tag(job)], [t('已处理'), count(job)],
    job.refused_count ? [t('失败行数'), h('strong', { class: 'bad' }, thousands(job.refused_count))] : null,
    [t('创建人'), job.created_by_name || job.created_by], [t('创建时间'), time(job.created_at)], job.finished_at ? [t('结束时间'), time(job.finished_at)] : null,
  ].filter(Boolean);
  return [
    progress(job),
    h('dl', { class: 'facts job-facts' }, facts.map(([label, value]) => h('div', { class: 'fact', key: label }, [h('dt', label), h('dd', value)]))),
    job.error || job.message ? h(ElAlert, { type: job.error ? 'error' : 'info', title: job.error?.detail || t(job.message), closable: false, showIcon: true }) : null,
    ...(job.result?.notes || []).map((said) => h(ElAlert, { key: said.code, type: 'warning', title: saidIn(said), closable: false, showIcon: true })),
    buttons(job),
    job.result?.left_out?.length ? [h('h3', t('未处理的卡')), drawLeftOut(job.result.left_out)] : null,
    rows?.length ? [
      h('h3', t('未通过的行')), drawRows(rows),
      h(ElButton, { size: 'small', onClick: () => saveRows(rows, `${job.title}_${t('失败清单')}`) }, () => t('下载失败清单')),
    ] : null,
    ENDED.has(job.state) ? null : h('p', { class: 'hint' }, t('可以关闭此窗口继续工作，任务会在后台完成，可在“导出中心与任务”中查看。')),
  ];
}

export const JobDrawer = {
  setup() {
    prepare([{ options: 'job_states' }]);
    return () => {
      const job = jobs.known[jobs.shown];
      return h(ElDrawer, {
        modelValue: jobs.open, 'onUpdate:modelValue': (open) => { jobs.open = open; }, title: job ? t(job.title) : t('任务'), size: 460,
        modal: false, modalPenetrable: true, lockScroll: false, class: 'job-drawer',
      }, () => (job ? detail(job, jobs.rows[job.id]) : h('p', { class: 'quiet' }, t('正在加载…'))));
    };
  },
};

export default {
  setup() {
    const state = reactive({ items: [], error: '', loaded: false, kind: 'all' });
    let timer = 0;
    let stopped = false;

    async function load() {
      try {
        const answer = await get(state.kind === 'export' ? '/exports' : '/jobs', { size: 100 });
        Object.assign(state, { items: answer.items || answer, error: '', loaded: true });
        state.items.forEach(note);
      } catch (error) {
        Object.assign(state, { error: explain(error), loaded: true });
      }
      clearTimeout(timer);
      if (!stopped && state.items.some((job) => !ENDED.has(job.state))) timer = setTimeout(load, EVERY);
    }
    prepare([{ options: 'job_states' }]).then(load);
    onBeforeUnmount(() => { stopped = true; clearTimeout(timer); });

    const head = () => h('div', { class: 'bar' }, [
      h(ElRadioGroup, {
        modelValue: state.kind, 'onUpdate:modelValue': (kind) => { state.kind = kind; load(); }, ariaLabel: t('任务类型'),
      }, () => [
        h(ElRadioButton, { value: 'all' }, () => t('全部任务')), h(ElRadioButton, { value: 'export' }, () => t('导出文件')),
      ]),
      h('div', { class: 'bar-right' }, [h('span', { class: 'hint' }, t('导出的文件保留 7 天')), h(ElButton, { class: 'tool', 'aria-label': t('刷新'), onClick: load }, () => icon('refresh'))]),
    ]);
    const line = (job) => h('tr', { key: job.id }, [
      h('td', h('button', { type: 'button', class: 'plain-link', onClick: () => showJob(job) }, t(job.title) || job.kind)),
      h('td', tag(jobs.known[job.id] || job)), h('td', { class: 'wide-cell' }, progress(jobs.known[job.id] || job)),
      h('td', { class: 'right digits' }, count(job)), h('td', { class: 'right digits' }, thousands(job.refused_count || 0)),
      h('td', job.created_by_name || job.created_by), h('td', { class: 'digits moment' }, time(job.created_at)), h('td', { class: 'digits moment' }, time(job.finished_at) || '-'),
      h('td', { class: 'buttons-cell' }, buttons(jobs.known[job.id] || job)),
    ]);
    const heads = () => [t('任务'), t('状态'), t('进度'), t('已处理'), t('失败行数'), t('创建人'), t('创建时间'), t('结束时间'), t('操作')];
    return () => h('section', { class: 'card list', 'aria-label': t('任务') }, [
      head(),
      state.error ? h(ElAlert, { type: 'error', title: t('加载失败：{reason}', { reason: state.error }), showIcon: true, closable: false }) : null,
      state.items.length ? h('div', { class: 'scroll-page' }, [h('table', { class: 'plain-table roomy' }, [
        h('thead', h('tr', heads().map((label, index) => h('th', { class: index === 3 || index === 4 ? 'right' : '' }, label)))),
        h('tbody', state.items.map(line)),
      ])]) : state.loaded && !state.error ? h(ElEmpty, { imageSize: 72, description: t('暂无任务') }) : null,
    ]);
  },
};

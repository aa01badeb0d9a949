// What goes on after a form was sent: until its PDF can be had, and until its signed scan is judged.
import { download, explain, get } from './api.js';
import { labelOf, prepare } from './fields.js';
import { go, route } from './route.js';
import { saidIn, t, thousands } from './text.js';
import { failure, notice, success } from './toast.js';
import { loadTodo } from './todo.js';

const { h, reactive, watch } = window.Vue;
const { ElAlert, ElButton, ElDialog, ElProgress } = window.ElementPlus;
const EVERY = 1000;
const PATIENCE = 60;
// A form of few pages is done in less than a second: the first questions come sooner.
const pause = (tries) => new Promise((resume) => { setTimeout(resume, Math.min(EVERY, 250 * (tries + 1))); });

// 提交审核 answers at once; the PDF comes some seconds later and is then saved, as the manual has it.
export async function followIssue(answer, done) {
  const { number, version } = answer.form;
  success(answer.message || t('操作成功'));
  for (let tries = 0; tries < PATIENCE; tries += 1) {
    await pause(tries);
    try {
      const { form } = await get(`/forms/${number}`);
      if (form.pdf_ready) {
        done();
        await download(`/forms/${number}/pdf?download=true`);
        return;
      }
      if (form.issue_problem && form.version !== version) {
        done();
        failure(new Error(t('申请单未能出具：{reason}', { reason: form.issue_problem })));
        return;
      }
    } catch (error) {
      failure(error);
      return;
    }
  }
  notice(t('申请单仍在生成，请稍后点击“查看”'));
}

// A 召测 opens its page, which says what could not be asked.
export const asked = reactive({ readId: 0, refused: [] });
export function followReads(answer) {
  Object.assign(asked, { readId: answer.read_id, refused: answer.refused });
  go('reads', { read_id: String(answer.read_id) });
}

// ---- the signed scan
const scan = reactive({ open: false, number: '', job: null, attempt: null, form: null, error: '' });
const tones = { passed: 'success', differs: 'error', unclear: 'warning', refused: 'error', outdated: 'info' };

async function jobOf(id) {
  try { return await get(`/jobs/${id}`); } catch (error) {
    if (error.status === 404) return null; // its row appears a moment after the upload
    throw error;
  }
}

export async function followScan(number, answer, done) {
  Object.assign(scan, { open: true, number, job: null, attempt: null, form: null, error: '' });
  await prepare([{ options: 'attempt_states' }, { options: 'form_states' }]);
  for (let tries = 0; scan.open && scan.number === number; tries += 1) {
    try {
      const [job, attempts] = await Promise.all([jobOf(answer.job_id), get(`/forms/${number}/signed-forms`, { size: 20 })]);
      const attempt = attempts.items.find((item) => item.attempt_id === answer.attempt_id);
      Object.assign(scan, { job });
      if (attempt && attempt.state !== 'verifying') {
        scan.form = (await get(`/forms/${number}`)).form;
        scan.attempt = attempt;
        done();
        loadTodo();
        return;
      }
      if (job?.state === 'failed') { scan.error = job.error?.detail || t('校验未能完成，请重新上传'); return; }
    } catch (error) {
      scan.error = explain(error);
      return;
    }
    await pause(tries);
  }
}

export function drawFindings(attempt) {
  if (!attempt.findings.length) return null;
  return h('div', { class: 'scroll-box', tabindex: 0 }, [h('table', { class: 'plain-table' }, [
    h('thead', h('tr', [h('th', t('页')), h('th', t('位置')), h('th', t('问题'))])),
    h('tbody', attempt.findings.map((finding, index) => h('tr', { key: index }, [
      h('td', { class: 'digits' }, finding.page ?? '-'), h('td', finding.place), h('td', saidIn(finding)),
    ]))),
  ])]);
}

export function verdictText(attempt) {
  switch (attempt.state) {
    case 'passed': return t('校验通过');
    case 'differs': return t('上传的申请单与下载的申请单内容不一致或没有盖章，共 {count} 处问题，请更正后再次上传', { count: thousands(attempt.findings_count) });
    case 'unclear': return t('系统不能确定是否一致，已转人工判定，也可重新扫描后再次上传');
    case 'refused': return t('上传的文件无法校验，请更正后再次上传');
    case 'outdated': return t('校验期间申请单已变化，本次回传单不再有效');
    default: return t('正在校验');
  }
}

function progress() {
  const { job } = scan;
  const percent = job?.total ? Math.min(99, Math.floor((job.done * 100) / job.total)) : 0;
  return [
    h(ElProgress, { percentage: percent, indeterminate: !job?.total, duration: 2, strokeWidth: 10, 'aria-label': t('校验进度') }),
    h('p', { class: 'note', role: 'status' }, job?.message ? t(job.message) : t('文件已上传，正在校验内容和印章。可以关闭此窗口，结果会保留在申请单详情中。')),
  ];
}

function verdict() {
  const { attempt, form } = scan;
  return [
    h(ElAlert, { type: tones[attempt.state], title: verdictText(attempt), showIcon: true, closable: false, role: 'alert' }),
    h('p', { class: 'note roomy-note' }, t('申请单 {number} 状态：{state}', { number: form.number, state: form.state_name })),
    drawFindings(attempt),
    attempt.scan_id ? h('a', { class: 'drill', href: `#/scan?id=${attempt.scan_id}`, onClick: () => { scan.open = false; } }, t('在页面图像上查看标出的位置')) : null,
  ];
}

export const ScanDialog = {
  setup() {
    watch(() => route.url, () => { scan.open = false; });
    return () => h(ElDialog, {
      modelValue: scan.open, 'onUpdate:modelValue': (open) => { scan.open = open; }, title: t('审核回传单校验'), width: 720, alignCenter: true, closeOnClickModal: false,
    }, {
      default: () => (scan.error ? h(ElAlert, { type: 'error', title: scan.error, showIcon: true, closable: false, role: 'alert' }) : scan.attempt ? verdict() : progress()),
      footer: () => h('div', { class: 'dialog-footer' }, [
        h('a', { class: 'el-button', href: `#/form?number=${scan.number}`, onClick: () => { scan.open = false; } }, t('申请单详情')),
        h(ElButton, { type: 'primary', onClick: () => { scan.open = false; } }, () => t('关闭')),
      ]),
    });
  },
};

export const attemptLabel = (state) => labelOf('attempt_states', state);

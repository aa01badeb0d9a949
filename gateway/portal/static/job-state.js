// Jobs this browser follows: the drawer shows one, the header counts those still going.
import { call, download, get, listen, newKey, session } from './api.js';
import { labelOf } from './fields.js';
import { failure, notice } from './toast.js';
import { t } from './text.js';

const { reactive } = window.Vue;
export const ENDED = new Set(['done', 'failed', 'cancelled']);
const AGAIN = 2000;

export const jobs = reactive({ open: false, shown: '', known: {}, rows: {} });

export const running = () => Object.values(jobs.known).filter((job) => !ENDED.has(job.state)).length;

export function note(job) {
  jobs.known[job.id] = job;
}

// Opens the drawer on this job and stays with it until it ends, even with the drawer closed.
export function followJob(id, { download: wanted = false, done = () => {} } = {}) {
  Object.assign(jobs, { open: true, shown: id });
  watchJob(id).then(async (job) => {
    if (!job) return;
    done();
    if (job.refused_count) await loadRows(id);
    if (wanted && job.state === 'done') await fetchFile(job);
    else if (!jobs.open) notice(t('任务“{title}”：{state}', { title: job.title, state: labelOf('job_states', job.state) }));
  }).catch(failure);
}

// Live events; when the stream breaks (a proxy, a restart) it asks again until the job has ended.
async function watchJob(id) {
  note(await get(`/jobs/${id}`));
  while (!ENDED.has(jobs.known[id].state)) {
    if (!session.user) return null;
    try {
      await listen(`/jobs/${id}/events`, note);
    } catch (error) {
      if (error.status === 403 || error.status === 404) throw error;
    }
    if (ENDED.has(jobs.known[id].state)) break;
    await new Promise((resume) => { setTimeout(resume, AGAIN); });
    try { note(await get(`/jobs/${id}`)); } catch (error) { if (error.status === 404) throw error; }
  }
  return jobs.known[id];
}

export async function loadRows(id) {
  const answer = await get(`/jobs/${id}/rows`);
  jobs.rows[id] = answer.items || answer;
}

export async function showJob(job) {
  note(job);
  Object.assign(jobs, { open: true, shown: job.id });
  try {
    if (!ENDED.has(job.state)) await watchJob(job.id);
    if (job.refused_count) await loadRows(job.id);
  } catch (error) {
    failure(error);
  }
}

export async function fetchFile(job) {
  try {
    await download(`/exports/${job.id}/file`, `${job.title || 'export'}`);
  } catch (error) {
    failure(error);
  }
}

export async function command(job, verb) {
  try {
    const answer = await call('POST', `/jobs/${job.id}/${verb}`, { headers: { 'Idempotency-Key': newKey() } });
    if (verb === 'retry') followJob(answer?.job_id || job.id);
    else note(await get(`/jobs/${job.id}`));
  } catch (error) {
    failure(error);
  }
}

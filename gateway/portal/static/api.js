// Everything that talks to the server: tokens, errors, choices, downloads, event streams.
import { language, t } from './text.js';

const { reactive } = window.Vue;
const BASE = '/api/v1';

// The access token lives here and nowhere else; the refresh token is a cookie that scripts cannot read.
let token = '';
let refreshing = null;
let loginWaiters = [];

// The cookie is invisible here; this says whether asking for a new token can succeed at all.
function mark(logged) {
  try { if (logged) localStorage.setItem('simkeep.session', '1'); else localStorage.removeItem('simkeep.session'); } catch { /* asks in vain */ }
}
export const mayRefresh = () => { try { return localStorage.getItem('simkeep.session') === '1'; } catch { return true; } };

export const session = reactive({ user: null, expired: false, ready: false });

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || t('请求失败（{status}）', { status }));
    this.status = status;
    this.code = body.code || '';
    this.errors = body.errors || [];
    this.trace = body.trace_id || '';
    this.english = body.detail_en || '';
  }
}

export const explain = (error) => {
  if (language.code === 'en' && error.english) return error.english;
  return error.message || String(error);
};

function accept(answer) {
  token = answer.access_token;
  mark(true);
  const changed = session.user && session.user.login !== answer.user.login;
  session.user = answer.user;
  session.expired = false;
  const waiters = loginWaiters;
  loginWaiters = [];
  waiters.forEach((resume) => resume());
  return changed;
}

// fetch cannot tell how far an upload is; the older way can.
function upload(method, target, headers, form, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, target);
    Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
    request.upload.onprogress = (event) => { if (event.lengthComputable) onProgress(event.loaded / event.total); };
    request.onload = () => resolve(new Response(request.status === 204 ? null : request.responseText, { status: request.status }));
    request.onerror = () => reject(new TypeError('connection lost'));
    request.send(form);
  });
}

async function send(method, path, { query, body, form, headers = {}, signal, onProgress } = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query || {})) {
    for (const item of [].concat(value)) {
      if (item !== undefined && item !== null && item !== '') parameters.append(name, item);
    }
  }
  const text = parameters.toString();
  const sent = { 'Accept-Language': language.code === 'en' ? 'en' : 'zh-CN', ...headers };
  if (token) sent.Authorization = `Bearer ${token}`;
  if (body !== undefined) sent['Content-Type'] = 'application/json';
  const target = path.startsWith('/api/') ? path : BASE + path;
  try {
    if (form && onProgress) return await upload(method, target, sent, form, onProgress);
    return await fetch(target + (text ? `?${text}` : ''), {
      method, headers: sent, signal, credentials: 'same-origin',
      body: form || (body === undefined ? undefined : JSON.stringify(body)),
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem(0, { detail: t('网络不通或服务未启动，请稍后重试') });
  }
}

async function problem(answer) {
  let body = {};
  try { body = await answer.json(); } catch { /* a proxy's HTML page tells a clerk nothing */ }
  if (Array.isArray(body.detail)) body = { detail: t('填写有误'), errors: body.detail };
  return new Problem(answer.status, body);
}

export async function refresh() {
  refreshing ??= (async () => {
    try {
      const answer = await send('POST', '/auth/refresh');
      if (!answer.ok) { mark(false); return false; }
      accept(await answer.json());
      return true;
    } catch {
      return false;
    } finally {
      refreshing = null;
    }
  })();
  return refreshing;
}

// Sends; renews an expired session once; with the session gone waits for the login and then goes on, so that what stands
// in an open dialog is not lost.
async function authorised(method, path, options) {
  let answer = await send(method, path, options);
  if (answer.status !== 401) return answer;
  if (!(await refresh())) {
    if (!session.user) throw await problem(answer);
    session.expired = true;
    await new Promise((resume) => { loginWaiters.push(resume); });
  }
  answer = await send(method, path, options);
  return answer;
}

export async function call(method, path, options = {}) {
  const answer = await authorised(method, path, options);
  if (!answer.ok) throw await problem(answer);
  const content = answer.status === 204 ? null : await answer.json();
  return options.whole ? { content, etag: answer.headers.get('ETag') || '' } : content;
}

export const get = (path, query, options) => call('GET', path, { query, ...options });

// crypto.randomUUID is missing on plain http addresses of the intranet; getRandomValues is not.
export const newKey = () => Array.from(
  window.crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

export async function login(name, password) {
  const answer = await send('POST', '/auth/login', { body: { login: name, password } });
  if (!answer.ok) throw await problem(answer);
  return accept(await answer.json());
}

export async function logout() {
  try { await send('POST', '/auth/logout'); } finally {
    token = '';
    mark(false);
    choices.clear();
    session.user = null;
  }
}

// ---- choices: asked once per session and language
const choices = new Map();
export const local = { options: {}, tones: {}, todo: {} };

export function options(name) {
  if (local.options[name]) return Promise.resolve(local.options[name]);
  const key = `${language.code}/${name}`;
  if (!choices.has(key)) {
    const path = name === 'units' ? '/units/tree' : `/options/${name}`;
    const asked = get(path).then((found) => found.items || found);
    asked.catch(() => choices.delete(key));
    choices.set(key, asked);
  }
  return choices.get(key);
}

export const forgetChoices = () => choices.clear();

// ---- files
function fileName(answer, fallback) {
  const given = answer.headers.get('Content-Disposition') || '';
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(given);
  if (extended) return decodeURIComponent(extended[1]);
  const plain = /filename="?([^";]+)"?/i.exec(given);
  return plain ? plain[1] : fallback;
}

export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export async function download(path, fallback = 'download') {
  const answer = await authorised('GET', path, {});
  if (!answer.ok) throw await problem(answer);
  save(await answer.blob(), fileName(answer, fallback));
}

// Whether a file can be had, asked without taking all of it; throws why not.
export async function probe(path) {
  const answer = await authorised('GET', path, {});
  if (!answer.ok) throw await problem(answer);
  answer.body?.cancel();
}

export const addressOf = (path) => BASE + path;

// ---- server-sent events over fetch, because EventSource cannot carry the token
export async function listen(path, onEvent, signal) {
  const answer = await authorised('GET', path, { headers: { Accept: 'text/event-stream' }, signal });
  if (!answer.ok) throw await problem(answer);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split('\n');
      const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart()).join('\n');
      if (data) onEvent(JSON.parse(data));
    }
  }
}

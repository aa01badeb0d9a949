// Everything that talks to the server: tokens, errors, choices, downloads, event streams.
import { addressOf as fullAddress, choicesPath } from './question.js';
import { language, t } from './text.js';

const { reactive } = window.Vue;

// The access token lives here and nowhere else; the refresh token is a cookie that scripts cannot read.
let token = '';
let refreshing = null;
let loginWaiters = [];

// The cookies are invisible here; this says whether asking for a new token can succeed at all, and until when the token's
// own cookie lives, in milliseconds. The margin is for a clock that is set back a little.
const MARGIN = 10000;
function mark(seconds) {
  try {
    if (seconds) {
      localStorage.setItem('simkeep.session', '1');
      localStorage.setItem('simkeep.until', String(Date.now() + seconds * 1000 - MARGIN));
    } else ['simkeep.session', 'simkeep.until'].forEach((name) => localStorage.removeItem(name));
  } catch { /* asks in vain */ }
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
  mark(answer.expires_in);
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
  const sent = { 'Accept-Language': language.code === 'en' ? 'en' : 'zh-CN', ...headers };
  if (token) sent.Authorization = `Bearer ${token}`;
  if (body !== undefined) sent['Content-Type'] = 'application/json';
  const target = fullAddress(path, query);
  if (method !== 'GET') forgetEarly();
  try {
    if (form && onProgress) return await upload(method, target, sent, form, onProgress);
    return await fetch(target, {
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

// ---- what early.js has asked already. Each answer is handed out once, and none after the first change or once the first
// page stands: nothing old is ever taken for new.
const early = { language: '', refresh: null, answers: new Map(), ...window.simkeepEarly };
const arrived = new Map();

export function forgetEarly() {
  early.answers.clear();
  arrived.clear();
}

// Waits until the answers are here, but not for ever: a page that has them is drawn once instead of twice.
export async function earlyAnswers(patience) {
  if (early.language !== language.code || !session.user) { forgetEarly(); return; }
  const all = Promise.all([...early.answers].map(async ([address, asked]) => {
    const { ok, content } = await asked;
    if (ok && early.answers.delete(address)) arrived.set(address, content);
  }));
  await Promise.race([all, new Promise((resume) => { setTimeout(resume, patience); })]);
}

// The answer if it is here, else undefined.
export function getNow(path, query) {
  const address = fullAddress(path, query);
  const content = arrived.get(address);
  arrived.delete(address);
  return content;
}

async function takeEarly(path, query) {
  const address = fullAddress(path, query);
  const asked = early.answers.get(address);
  early.answers.delete(address);
  const { ok, content } = asked ? await asked : { ok: false };
  return ok ? content : undefined;
}

async function asked(path) {
  const answer = await send('POST', path);
  return answer.ok ? { ok: true, content: await answer.json() } : { ok: false };
}

export async function refresh() {
  refreshing ??= (async () => {
    try {
      const first = early.refresh;
      early.refresh = null;
      const answer = first ? await first : await asked('/auth/refresh');
      if (!answer.ok) { mark(0); return false; }
      accept(answer.content);
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

export const get = async (path, query, options) => getNow(path, query) ?? await takeEarly(path, query) ?? call('GET', path, { query, ...options });

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
    mark(0);
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
    const asked = get(choicesPath(name)).then((found) => found.items || found);
    asked.catch(() => choices.delete(key));
    choices.set(key, asked);
  }
  return choices.get(key);
}

// The choices if they are here already, else undefined.
export function optionsNow(name) {
  if (local.options[name]) return local.options[name];
  const found = getNow(choicesPath(name));
  if (found) choices.set(`${language.code}/${name}`, Promise.resolve(found.items || found));
  return found && (found.items || found);
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

export const addressOf = (path) => fullAddress(path);

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

// The frame's words. The source is Chinese; English comes from the server's table (texts.py).
const { reactive } = window.Vue;

const STORED = 'simkeep.lang';
const saved = (() => { try { return localStorage.getItem(STORED); } catch { return null; } })();

export const language = reactive({ code: saved === 'en' ? 'en' : 'zh', words: {} });

export function t(text, values) {
  const said = language.words[text] ?? text;
  return values ? fill(said, values) : said;
}

// Puts values into {holes}; a hole without value stays empty.
export function fill(template, values) {
  return template.replace(/\{([a-z0-9_]+)\}/g, (_, name) => (values[name] ?? '').toString());
}

export async function useLanguage(code) {
  let words = {};
  if (code === 'en') {
    const answer = await fetch(`/api/ui/texts?lang=${code}`);
    words = answer.ok ? await answer.json() : {};
  }
  language.words = words;
  language.code = code;
  document.documentElement.lang = code === 'en' ? 'en' : 'zh-CN';
  try { localStorage.setItem(STORED, code); } catch { /* private window: the choice lasts as long as the page */ }
}

export function elementLocale() {
  return language.code === 'en' ? undefined : window.ElementPlusLocaleZhCn;
}

const number = new Intl.NumberFormat('zh-CN');
export const thousands = (value) => (value === null || value === undefined || value === '' ? '-' : number.format(value));

// Bytes as MB of 2^20; what is under a thousandth of one is not nothing.
const volume = new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 3, maximumFractionDigits: 3 });
export const megabytes = (bytes) => (Number(bytes) > 0 && Number(bytes) < 525 ? '<0.001' : volume.format(Number(bytes) / 1048576));

// Yuan with both digits of its 分.
const yuan = new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
export const money = (value) => yuan.format(Number(value));

const clock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit',
  hour: '2-digit', minute: '2-digit', second: '2-digit',
});

// Stored in UTC, shown in Shanghai whatever the clerk's computer believes.
export function time(value) {
  if (!value) return '';
  const moment = new Date(value);
  return Number.isNaN(moment.getTime()) ? value : clock.format(moment).replace(',', '');
}

export const today = () => clock.format(new Date()).slice(0, 10);

export function month(offset = 0) {
  const [year, index] = today().split('-').map(Number);
  const moved = new Date(Date.UTC(year, index - 1 + offset, 1));
  return moved.toISOString().slice(0, 7);
}

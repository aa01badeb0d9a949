// The frame's words. The source is Chinese; English comes as a file of its own (texts.py).
import { fill, moment } from './plain.js';

const { reactive } = window.Vue;

const STORED = 'simkeep.lang';
const saved = (() => { try { return localStorage.getItem(STORED); } catch { return null; } })();

export const language = reactive({ code: saved === 'en' ? 'en' : 'zh', words: {} });

export function t(text, values) {
  const said = language.words[text] ?? text;
  return values ? fill(said, values) : said;
}

export async function useLanguage(code) {
  let words = {};
  if (code === 'en') {
    const answer = await fetch(document.body.dataset.english);
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
let volume = null;
export const megabytes = (bytes) => (Number(bytes) > 0 && Number(bytes) < 525 ? '<0.001' : (volume ??= new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 3, maximumFractionDigits: 3 })).format(Number(bytes) / 1048576));

// Yuan with both digits of its 分.
let yuan = null;
export const money = (value) => (yuan ??= new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })).format(Number(value));

// Stored in UTC, shown in Shanghai whatever the clerk's computer believes.
export function time(value) {
  if (!value) return '';
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? value : moment(date);
}

// A sentence that the API says in both languages; of older records there is only the Chinese one.
export const saidIn = (item) => (language.code === 'en' && item.message_en) || item.message;

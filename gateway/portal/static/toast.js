// Short messages at the top: success goes by itself, an error stays until it is closed.
import { explain } from './api.js';
import { t } from './text.js';

const { h } = window.Vue;
const { ElMessage } = window.ElementPlus;

// ``detail``: what stands below the manual's own words.
export const success = (message, detail = '') => ElMessage({
  type: 'success', duration: 3000, grouping: !detail,
  message: detail ? h('div', [h('p', { class: 'el-message__content' }, message), h('p', { class: 'hint' }, detail)]) : message,
});
export const notice = (message) => ElMessage({ type: 'info', message, duration: 4000, grouping: true });
export const failure = (error) => ElMessage({
  type: 'error', message: explain(error), duration: 0, showClose: true, grouping: true,
});

export const warning = (error) => ElMessage({ type: 'warning', message: explain(error), duration: 5000, grouping: true, showClose: true });

function copyByHand(text) {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

// The clipboard API is missing on plain http addresses.
export async function copy(text) {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(String(text));
    else if (!copyByHand(String(text))) throw new Error(t('浏览器不允许复制'));
    success(t('已复制'));
  } catch (error) {
    failure(error);
  }
}

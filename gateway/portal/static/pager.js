// 共 N 条, page size, first / previous / next / last. Keyset cursors: pages are walked, not jumped to.
import { icon } from './icons.js';
import { SIZES } from './question.js';
import { whole } from './stage.js';
import { t, thousands } from './text.js';

const { h } = window.Vue;
const { ElSelect, ElOption } = window.ElementPlus;

export const totalText = (total, totalIs) => (totalIs === 'at_least'
  ? t('超过 {count} 条', { count: thousands(total) }) : t('共 {count} 条', { count: thousands(total) }));

// state: { total, totalIs, size, page, pages, first, last }: first/last say whether there is anything that way.
export function drawPager(state, onSize, onTurn) {
  const button = (name, label, way, disabled) => h('button', {
    type: 'button', class: 'turn-page', 'aria-label': label, title: label, disabled, onClick: () => onTurn(way),
  }, [icon(name, 16)]);
  return h('nav', { class: 'pager', 'aria-label': t('分页') }, [
    h('span', { class: 'total', role: 'status' }, totalText(state.total, state.totalIs)),
    !whole.value ? h('div', { class: 'el-input__wrapper stand-in page-size' }) : h(ElSelect, {
      modelValue: state.size, 'onUpdate:modelValue': onSize, ariaLabel: t('每页条数'), class: 'page-size', size: 'small',
    }, () => SIZES.map((size) => h(ElOption, { key: size, value: size, label: t('{size} 条/页', { size }) }))),
    button('first', t('第一页'), 'first', state.atStart),
    button('previous', t('上一页'), 'previous', state.atStart),
    h('span', { class: 'page-number', 'aria-current': 'page' },
      state.pages ? t('第 {page} / {pages} 页', { page: thousands(state.page), pages: thousands(state.pages) })
        : t('第 {page} 页', { page: thousands(state.page) })),
    button('next', t('下一页'), 'next', state.atEnd),
    state.last ? button('last', t('末页'), 'last', state.atEnd) : null,
  ]);
}

// The answer of a bulk act: how many were done, which were not and why, and those as a file.
import { save } from './api.js';
import { route } from './route.js';
import { t, thousands } from './text.js';

const { h, reactive, watch } = window.Vue;
const { ElAlert, ElButton, ElDialog } = window.ElementPlus;
const SHOWN = 200;
const current = reactive({ open: false, title: '', answer: {} });

export function showAnswer(title, answer) {
  Object.assign(current, { open: true, title, answer });
}

// A cell that starts like a formula would be run by the spreadsheet that opens it.
const safe = (value) => {
  const text = String(value ?? '');
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
};

// Of cards or of anything else: an ICCID begins with 89 and is longer than any serial of a terminal.
const objects = (rows) => (rows.some((row) => /^89\d{17,18}$/.test(row.iccid || '')) ? 'ICCID' : t('对象'));

export function saveRows(rows, name) {
  const lines = [[t('行号'), objects(rows), t('原因代码'), t('原因')], ...rows.map((row) => [row.row, row.iccid || row.number, row.code, row.message])];
  const text = lines.map((line) => line.map(safe).join(',')).join('\r\n');
  save(new Blob(['\ufeff', text], { type: 'text/csv' }), `${name}.csv`);
}

export function drawRows(rows) {
  const numbered = rows.some((row) => row.row !== undefined && row.row !== null);
  return h('div', { class: 'scroll-box', tabindex: 0 }, [h('table', { class: 'plain-table' }, [
    h('thead', h('tr', [numbered ? h('th', { class: 'right' }, t('行号')) : null, h('th', objects(rows)), h('th', t('原因'))])),
    h('tbody', rows.slice(0, SHOWN).map((row, index) => h('tr', { key: index }, [
      numbered ? h('td', { class: 'right digits' }, row.row) : null, h('td', { class: 'digits' }, row.iccid || row.number || '-'), h('td', row.message),
    ]))),
  ])]);
}

export const drawLeftOut = (list) => h('ul', { class: 'reasons' }, list.map((item) => h('li', { key: item.reason || item.code }, [
  item.message || item.reason, h('strong', { class: 'digits' }, ` ${thousands(item.count)} ${t('张')}`),
])));

export const AnswerDialog = {
  setup() {
    watch(() => route.url, () => { current.open = false; });
    return () => {
      const { answer } = current;
      const refused = answer.refused || [];
      const total = answer.refused_count || 0;
      return h(ElDialog, {
        modelValue: current.open, 'onUpdate:modelValue': (open) => { current.open = open; }, title: current.title, width: 680, alignCenter: true,
      }, {
        default: () => [
          h(ElAlert, {
            type: answer.done ? 'warning' : 'error', showIcon: true, closable: false, role: 'alert',
            title: t('成功 {done} 条，失败 {failed} 条', { done: thousands(answer.done || 0), failed: thousands(total) }),
          }),
          answer.left_out?.length ? [h('h3', t('未处理的卡')), drawLeftOut(answer.left_out)] : null,
          refused.length ? drawRows(refused) : null,
          refused.length > SHOWN ? h('p', { class: 'hint' }, t('仅显示前 {count} 条，其余请下载查看', { count: SHOWN })) : null,
        ],
        footer: () => h('div', { class: 'dialog-footer' }, [
          refused.length ? h(ElButton, { onClick: () => saveRows(refused, `${current.title}_${t('失败清单')}`) }, () => t('下载失败清单')) : null,
          h(ElButton, { type: 'primary', onClick: () => { current.open = false; } }, () => t('知道了')),
        ]),
      });
    };
  },
};

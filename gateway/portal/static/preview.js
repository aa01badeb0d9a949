// What a dry run says: how many cards would move, from whom, and every reason against it.
import { unitName } from './fields.js';
import { t, thousands } from './text.js';

const { h } = window.Vue;
const { ElAlert } = window.ElementPlus;

const fact = (label, value) => h('div', { class: 'fact' }, [h('dt', label), h('dd', value)]);

function refusals(reasons) {
  if (!reasons?.length) return null;
  return h('table', { class: 'plain-table' }, [
    h('caption', t('不能分卡的原因')),
    h('thead', h('tr', [h('th', t('原因')), h('th', { class: 'right' }, t('张数')), h('th', t('前几张'))])),
    h('tbody', reasons.map((reason) => h('tr', { key: reason.code }, [
      h('td', reason.message), h('td', { class: 'right digits' }, thousands(reason.count)),
      h('td', { class: 'digits' }, (reason.first || []).slice(0, 5).join('\n')),
    ]))),
  ]);
}

export function drawPreview(preview, stale) {
  const from = Object.entries(preview.by_unit || {});
  return h('section', { class: ['preview', { stale }], 'aria-label': t('试算结果'), 'aria-live': 'polite' }, [
    stale ? h(ElAlert, { type: 'warning', title: t('内容已修改，请重新试算'), showIcon: true, closable: false })
      : h(ElAlert, {
        type: preview.allowed ? 'success' : 'error', showIcon: true, closable: false,
        title: preview.allowed ? t('可以分卡：{count} 张卡将变更资产单位', { count: thousands(preview.would_move) })
          : t('不能分卡：号段内有不符合条件的卡'),
      }),
    h('dl', { class: 'facts' }, [
      fact(t('将变更'), `${thousands(preview.would_move)} ${t('张')}`),
      fact(t('号段跨度'), thousands(preview.span)),
      fact(t('号段内缺号'), thousands(preview.missing)),
      preview.first_iccid ? fact(t('首张'), h('span', { class: 'digits' }, preview.first_iccid)) : null,
      preview.last_iccid ? fact(t('末张'), h('span', { class: 'digits' }, preview.last_iccid)) : null,
      ...from.map(([unit, count]) => fact(t('现属 {unit}', { unit: unitName(unit) }), `${thousands(count)} ${t('张')}`)),
    ]),
    refusals(preview.refused_by_reason),
  ]);
}

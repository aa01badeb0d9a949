// One card: what it is, and its run log (运行日志) as a timeline.
import { explain, get } from './api.js';
import { labelOf, prepare } from './fields.js';
import { icon } from './icons.js';
import { colourOf, drawTag } from './tag.js';
import { back } from './trail.js';
import { href } from './plain.js';
import { route } from './route.js';
import { t, thousands, time } from './text.js';
import { copy } from './toast.js';

const { h, reactive, watch } = window.Vue;
const { ElAlert, ElButton, ElSkeleton, ElTimeline, ElTimelineItem } = window.ElementPlus;
const OPTIONS = ['card_states', 'carriers', 'card_specs', 'run_log_actions', 'reference_kinds', 'network_states'];

const tag = (state) => drawTag('card_states', state);
const unit = (card, name) => card[`${name}_name`] || card[name] || '-';

function facts(card) {
  const rows = [
    ['IMSI', card.imsi], [t('手机号'), card.msisdn], [t('运营商'), labelOf('carriers', card.carrier)],
    [t('卡片规格'), labelOf('card_specs', card.card_spec)], [t('申请月份'), card.application_month], [t('批次号'), card.batch_no],
    [t('资产单位'), unit(card, 'owner_unit')], [t('领用单位'), unit(card, 'issued_to_unit')], [t('领用人'), card.recipient],
    [t('领用人电话'), card.recipient_phone], [t('终端资产编号'), card.terminal_asset_no], [t('网络状态'), card.network_state ? labelOf('network_states', card.network_state) : ''],
    [t('接收时间'), time(card.received_at)], [t('入库时间'), time(card.stocked_in_at)], [t('领用时间'), time(card.issued_at)],
    [t('进入状态时间'), time(card.state_since)], [t('状态天数'), `${thousands(card.state_days)} ${t('天')}`], [t('最近操作时间'), time(card.last_operation_at)],
  ];
  return h('dl', { class: 'facts card-facts' }, rows.map(([label, value]) => h('div', { class: 'fact', key: label }, [h('dt', label), h('dd', value || '-')])));
}

// The document behind an entry, by the name that people have for it, as a link where it can be opened. A record that only
// the system numbers (an inspection) is called by its kind.
const OPENS = {
  delivery: (item) => href('stock-in', { batch_no: item.reference_name }),
  allocation: (item) => href('act-cards', { kind: 'allocation', act_id: item.reference_id }),
  requisition: (item) => href('act-cards', { kind: 'requisition', act_id: item.reference_id }),
  form: (item) => href('form', { number: item.reference_id }),
};
function document_(item) {
  if (!item.reference_id) return [];
  const name = item.reference_kind === 'requisition' ? t('领用人 {name}', { name: item.reference_name || '-' }) : item.reference_name || (/^\d+$/.test(item.reference_id) ? '' : item.reference_id);
  const opens = OPENS[item.reference_kind];
  const text = `${labelOf('reference_kinds', item.reference_kind)} ${name}`.trim();
  return [' · ', opens ? h('a', { class: 'drill', href: opens(item) }, text) : text];
}

function entry(item) {
  const moved = item.from_unit && item.to_unit && item.from_unit !== item.to_unit;
  return h(ElTimelineItem, {
    key: `${item.at}/${item.action}/${item.to_state}`, timestamp: time(item.at), placement: 'top', color: colourOf(item.to_state),
  }, () => h('div', { class: 'log-entry' }, [
    h('p', [
      h('strong', labelOf('run_log_actions', item.action)), ' ',
      item.from_state && item.from_state !== item.to_state ? [tag(item.from_state), h('span', { class: 'arrow', 'aria-label': t('变为') }, ' → ')] : null,
      tag(item.to_state),
    ]),
    moved ? h('p', `${t('资产单位')}${t('：')}${unit(item, 'from_unit')} → ${unit(item, 'to_unit')}`) : null,
    item.reason ? h('p', `${t('原因')}${t('：')}${item.reason}`) : null,
    h('p', { class: 'quiet' }, [
      item.by_name || item.by, item.by_unit ? t('（{unit}）', { unit: unit(item, 'by_unit') }) : '',
      ...document_(item),
    ]),
  ]));
}

export default {
  setup() {
    const state = reactive({ card: null, log: [], error: '' });

    async function load() {
      const iccid = route.params.iccid;
      if (route.key !== 'card' || !iccid) return;
      Object.assign(state, { card: null, error: '' });
      try {
        const [card, log] = await Promise.all([
          get(`/cards/${encodeURIComponent(iccid)}`), get(`/cards/${encodeURIComponent(iccid)}/run-log`),
          prepare(OPTIONS.map((name) => ({ options: name }))),
        ]);
        Object.assign(state, { card, log: [...(log.items || log)].reverse() });
      } catch (error) {
        state.error = explain(error);
      }
    }
    watch(() => route.url, load, { immediate: true });

    return () => {
      if (state.error) {
        return h(ElAlert, { type: 'error', title: t('加载失败：{reason}', { reason: state.error }), showIcon: true, closable: false },
          () => h(ElButton, { size: 'small', onClick: load }, () => t('重试')));
      }
      if (!state.card) return h(ElSkeleton, { rows: 8, animated: true, class: 'card' });
      const { card } = state;
      return h('div', { class: 'card-page' }, [
        h('section', { class: 'card card-head', 'aria-label': t('卡片详情') }, [
          h('header', [
            h('h1', { class: 'digits' }, card.iccid),
            h('button', { type: 'button', class: 'copy shown', 'aria-label': t('复制 {value}', { value: card.iccid }), onClick: () => copy(card.iccid) }, [icon('copy', 15)]),
            tag(card.state),
            h(ElButton, { class: 'push', onClick: back }, () => [icon('back', 15), h('span', t('返回'))]),
          ]),
          facts(card),
        ]),
        h('section', { class: 'card', 'aria-label': t('运行日志') }, [
          h('header', [h('h2', t('运行日志')), h('span', { class: 'quiet' }, t('共 {count} 条', { count: state.log.length }))]),
          h(ElTimeline, null, () => state.log.map(entry)),
        ]),
      ]);
    };
  },
};

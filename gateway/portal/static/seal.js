// One specimen of a seal: its three impressions beside each other, who registered and who confirmed it, and the acts.
import { openAction } from './action.js';
import { explain, get } from './api.js';
import { prepare } from './fields.js';
import { icon } from './icons.js';
import { href } from './plain.js';
import { route } from './route.js';
import { drawTag } from './tag.js';
import { t, time } from './text.js';

const { h, onBeforeUnmount, reactive, watch } = window.Vue;
const { ElAlert, ElButton, ElSkeleton } = window.ElementPlus;
const OPTIONS = ['seal_states', 'seal_decisions'];
const AGAIN = 1500;

function facts(seal) {
  const rows = [
    [t('单位'), seal.unit_name || seal.unit], [t('启用日期'), seal.valid_from], [t('停用日期'), seal.valid_to || t('长期有效')],
    [t('登记人'), seal.registered_by_name], [t('登记时间'), time(seal.registered_at)],
  ];
  if (seal.decided_at) rows.push([t('复核人'), seal.decided_by_name], [t('复核时间'), time(seal.decided_at)], [t('复核说明'), seal.remark]);
  if (seal.ended_at) rows.push([t('停用人'), seal.ended_by_name], [t('停用时间'), time(seal.ended_at)], [t('停用原因'), seal.end_reason]);
  return h('dl', { class: 'facts card-facts' }, rows.map(([label, value]) => h('div', { class: 'fact', key: label }, [h('dt', label), h('dd', value || '-')])));
}

function said(seal) {
  const alert = (type, title) => h(ElAlert, { type, title, showIcon: true, closable: false, role: 'status' });
  if (seal.state === 'reading') return alert('info', t('正在读取三枚印迹…'));
  if (seal.state === 'unusable') return alert('error', t('不可用：{reason}', { reason: seal.reason || '' }));
  if (seal.state === 'to_confirm') return alert('warning', seal.can.includes('decide') ? t('请核对三枚印迹后复核') : t('等待另一位有权限的人员复核'));
  return null;
}

export default {
  props: { page: { type: Object, required: true } },
  setup(props) {
    const state = reactive({ seal: null, error: '' });
    let timer = 0;

    async function load() {
      const { id } = route.params;
      clearTimeout(timer);
      if (route.key !== 'seal' || !id) return;
      try {
        const [seal] = await Promise.all([get(`/seals/${encodeURIComponent(id)}`), prepare(OPTIONS.map((name) => ({ options: name })))]);
        if (route.key !== 'seal' || route.params.id !== id) return;
        Object.assign(state, { seal, error: '' });
        if (seal.state === 'reading') timer = setTimeout(load, AGAIN);
      } catch (error) {
        Object.assign(state, { seal: null, error: explain(error) });
      }
    }
    watch(() => route.url, load, { immediate: true });
    onBeforeUnmount(() => clearTimeout(timer));

    const act = (action) => openAction({ action, row: state.seal, done: load });

    return () => {
      if (state.error) {
        return h(ElAlert, { type: 'error', title: t('加载失败：{reason}', { reason: state.error }), showIcon: true, closable: false },
          () => h(ElButton, { size: 'small', onClick: load }, () => t('重试')));
      }
      const { seal } = state;
      if (!seal) return h(ElSkeleton, { rows: 6, animated: true, class: 'card' });
      const actions = (props.page.actions || []).filter((action) => seal.can.includes(action.can));
      return h('div', { class: 'scan-page' }, [
        h('section', { class: 'card card-head', 'aria-label': t('印鉴') }, [
          h('header', [
            h('h1', seal.name), drawTag('seal_states', seal.state),
            h('div', { class: 'scan-buttons push' }, [
              ...actions.map((action) => h(ElButton, { key: action.label, type: action.kind === 'danger' ? 'danger' : 'primary', plain: action.kind === 'danger', onClick: () => act(action) }, () => action.label)),
              h('a', { class: 'el-button', href: href('seals') }, [icon('back', 15), h('span', t('返回'))]),
            ]),
          ]),
          said(seal),
          facts(seal),
        ]),
        seal.links.pictures.length ? h('section', { class: 'card seal-pictures', 'aria-label': t('三枚印迹') }, seal.links.pictures.map((path, at) => h('figure', { key: path }, [
          h('img', { src: path, alt: t('第 {number} 枚印迹', { number: at + 1 }) }), h('figcaption', t('第 {number} 枚印迹', { number: at + 1 })),
        ]))) : null,
      ]);
    };
  },
};

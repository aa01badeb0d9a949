// 单位: the tree of the user's own units, and their making, renaming and removal.
import { openAction } from './action.js';
import { explain, forgetChoices, options } from './api.js';
import { t } from './text.js';

const { h, reactive } = window.Vue;
const { ElAlert, ElButton, ElEmpty, ElInput, ElTree } = window.ElementPlus;

export default {
  props: { page: Object },
  setup(props) {
    const state = reactive({ units: null, error: '', wanted: '' });
    let tree = null;
    async function load() {
      try {
        Object.assign(state, { units: [].concat(await options('units')), error: '' });
      } catch (error) {
        state.error = explain(error);
      }
    }
    load();
    const act = (action, unit) => openAction({ action, row: unit, done: () => { forgetChoices(); load(); } });
    const buttons = (unit) => h('span', { class: 'unit-actions' }, (props.page.actions || []).map((action) => h(ElButton, {
      key: action.label, link: true, size: 'small', type: action.kind === 'danger' ? 'danger' : 'primary',
      onClick: (event) => { event.stopPropagation(); act(action, unit); },
    }, () => action.label)));
    const search = (value) => { state.wanted = value; tree?.filter(value); };
    return () => h('section', { class: 'card', 'aria-label': props.page.title }, [
      h('header', [h('h2', props.page.title), h(ElInput, {
        modelValue: state.wanted, 'onUpdate:modelValue': search, clearable: true, placeholder: t('按名称或编码查找'), ariaLabel: t('按名称或编码查找'), class: 'unit-search',
      })]),
      state.error ? h(ElAlert, { type: 'error', title: t('加载失败：{reason}', { reason: state.error }), closable: false, showIcon: true }) : null,
      state.units && !state.units.length ? h(ElEmpty, { description: t('暂无数据') }) : null,
      state.units ? h(ElTree, {
        ref: (found) => { tree = found; }, data: state.units, nodeKey: 'code', props: { label: 'name', children: 'children' }, defaultExpandAll: true,
        filterNodeMethod: (wanted, unit) => !wanted || unit.name.includes(wanted) || unit.code.startsWith(wanted),
      }, { default: ({ data }) => h('span', { class: 'unit-node' }, [data.name, h('span', { class: 'quiet digits' }, data.code), buttons(data)]) }) : null,
    ]);
  },
};

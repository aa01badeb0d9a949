// 单位: the tree of the user's own units.
import { explain, options } from './api.js';
import { t } from './text.js';

const { h, reactive } = window.Vue;
const { ElAlert, ElEmpty, ElInput, ElTree } = window.ElementPlus;

export default {
  props: { page: Object },
  setup(props) {
    const state = reactive({ units: null, error: '', wanted: '' });
    let tree = null;
    options('units').then((units) => { state.units = [].concat(units); }).catch((error) => { state.error = explain(error); });
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
      }, { default: ({ data }) => h('span', { class: 'unit-node' }, [data.name, h('span', { class: 'quiet digits' }, data.code)]) }) : null,
    ]);
  },
};

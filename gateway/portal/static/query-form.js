// The query card above a list: labels left, two rows until unfolded, 查询 and 重置 at the end.
import { draw } from './fields.js';
import { icon } from './icons.js';
import { names } from './question.js';
import { t } from './text.js';

const { h, ref, onMounted, onBeforeUnmount } = window.Vue;
const { ElButton } = window.ElementPlus;
const CELL = 330;
const isEmpty = (value) => value === undefined || value === '' || (Array.isArray(value) && !value.length);

export const QueryForm = {
  props: { fields: Array, model: Object, busy: Boolean, named: Function, newest: Function },
  emits: ['query', 'reset'],
  setup(props, { emit }) {
    const box = ref(null);
    const perRow = ref(3);
    const open = ref(false);
    let observer;
    onMounted(() => {
      observer = new ResizeObserver(([entry]) => {
        perRow.value = Math.max(1, Math.min(4, Math.floor(entry.contentRect.width / CELL)));
      });
      observer.observe(box.value);
    });
    onBeforeUnmount(() => observer.disconnect());

    const filled = (field) => names(field).some((name) => !isEmpty(props.model[name]));
    // Enter inside an open select chooses an option and must not query as well.
    const onKeydown = (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      if (event.target.getAttribute('role') === 'combobox' || event.target.tagName === 'BUTTON') return;
      if (event.target.tagName === 'TEXTAREA' && event.shiftKey) return;
      event.preventDefault();
      emit('query');
    };

    return () => {
      const offered = props.fields.filter((field) => field.kind !== 'given' || filled(field));
      const room = perRow.value * 2 - 1;
      const foldable = offered.length > room;
      const shown = foldable && !open.value
        ? offered.filter((field, index) => index < room || filled(field)) : offered;
      const cells = shown.map((field) => h('div', { class: 'query-cell', key: field.name }, [
        h('span', { class: 'query-label', title: field.hint, 'aria-hidden': 'true' }, field.label),
        h('div', { class: 'query-control' }, [draw(field, props.model, {
          named: field.kind === 'given' ? props.named?.(field) : '', newest: field.newest ? props.newest?.(field) : '', onDrop: () => emit('query'),
        })]),
      ]));
      const buttons = h('div', { class: 'query-buttons', key: '_buttons' }, [
        foldable ? h(ElButton, {
          link: true, type: 'primary', 'aria-expanded': String(open.value), onClick: () => { open.value = !open.value; },
        }, () => [open.value ? t('收起') : t('展开'), h('span', { class: ['turn', { up: open.value }] }, [icon('down', 14)])]) : null,
        h(ElButton, { onClick: () => emit('reset') }, () => t('重置')),
        h(ElButton, { type: 'primary', loading: props.busy, onClick: () => emit('query') }, () => t('查询')),
      ]);
      return h('form', {
        ref: box, class: 'card query', role: 'search', 'aria-label': t('查询条件'), style: { '--per-row': perRow.value },
        onKeydown, onSubmit: (event) => event.preventDefault(),
      }, [...cells, buttons]);
    };
  },
};

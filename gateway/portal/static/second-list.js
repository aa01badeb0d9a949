// A further list below the one of the address: it shares the query form and keeps its own page and order.
import { openAction } from './action.js';
import { forgetChoices, session } from './api.js';
import { prepare } from './fields.js';
import { drawAlert, drawBar, drawWarning, standing } from './list-bar.js';
import { ListData, readState } from './list-data.js';
import { drawEmpty, remember, remembered } from './list-tools.js';
import { drawPager } from './pager.js';
import { drawTable } from './table.js';

const { h, reactive, ref, watch, onBeforeUnmount } = window.Vue;

export const SecondList = {
  props: { page: Object, params: Object, about: Object, turn: Number },
  emits: ['changed'],
  setup(props, { emit }) {
    const { page } = props;
    const data = new ListData(page);
    const picked = reactive(new Map());
    const place = reactive({ cursor: '', page: 1, size: 20, sort: '', order: '' });
    const taste = reactive(remembered(session.user.login, page));
    const ready = ref(false);

    const state = () => {
      const read = readState(page, props.params);
      const ordered = place.sort ? { sort: place.sort, order: place.order } : {};
      return { ...read, cursor: place.cursor, page: place.page, size: place.size, ...ordered };
    };
    const load = () => data.load(state());
    watch(() => [props.turn, JSON.stringify(readState(page, props.params).filters)], () => {
      Object.assign(place, { cursor: '', page: 1 });
      picked.clear();
      load();
    });
    onBeforeUnmount(() => data.stop());
    prepare([...(page.filters || []), ...page.columns]).then(() => { ready.value = true; });
    load();

    const turned = (way) => {
      const { cursor, page: number } = data.turned(state(), way);
      Object.assign(place, { cursor: cursor || '', page: Number(number) || 1 });
      load();
    };
    const resize = (size) => { Object.assign(place, { size, cursor: '', page: 1 }); load(); };
    const sort = (name, order) => {
      Object.assign(place, { sort: name, order: order === 'descending' ? 'desc' : 'asc', cursor: '', page: 1 });
      load();
    };
    const key = (row) => row[page.row_key];
    const pick = (rows, on) => rows.forEach((row) => (on ? picked.set(key(row), row) : picked.delete(key(row))));
    const act = (action, row) => openAction({
      action, row, rows: [...picked.values()], ids: [...picked.keys()], keyName: page.row_key, params: props.params, filters: state().filters,
      about: { ...props.about, ...data.answer },
      done: () => { picked.clear(); forgetChoices(); load(); emit('changed'); },
    });
    const columns = () => page.columns.filter((column) => taste.columns.includes(column.name));

    return () => {
      const now = state();
      return h('section', { class: 'card list second', 'aria-label': page.title, ...standing(data, ready.value) }, [
        h('h2', { class: 'list-title' }, page.title),
        drawWarning(page.warning, data.answer),
        drawBar({
          page, data, picked, taste, state: now, columns: columns(), pageCan: [...data.can, ...(props.about.can || [])], reload: load, act,
          save: () => remember(session.user.login, page, taste),
        }),
        drawAlert(data, load),
        h('div', { class: ['table-box', { veiled: data.slow }] }, [drawTable({
          page, columns: columns(), rows: ready.value ? data.rows : [], rowKey: page.row_key, totals: data.totals, filters: now.filters, linked: () => true, picked,
          order: now.sort ? { prop: now.sort, order: now.order === 'desc' ? 'descending' : 'ascending' } : {},
          onPick: pick, onSort: sort, onAction: act, dense: taste.dense, maxHeight: 360, empty: () => drawEmpty(data, false),
        })]),
        page.paged ? drawPager(data.pager(now), resize, turned) : null,
      ]);
    };
  },
};

// One page of the portal: query form, table, toolbar, pager. Everything that can be shared lives in the address.
import { openAction } from './action.js';
import { explain, forgetChoices, get, session } from './api.js';
import { BarChart } from './chart.js';
import { prepare, prepared } from './fields.js';
import { drawAlert, drawBar, drawWarning, standing } from './list-bar.js';
import { SecondList } from './second-list.js';
import { drawCell, drawTable, textOf } from './table.js';
import { QueryForm } from './query-form.js';
import { ListData, readState } from './list-data.js';
import { drawPager } from './pager.js';
import { drawEmpty, remembered, remember } from './list-tools.js';
import { drawFirstTable } from './first-table.js';
import { fill } from './plain.js';
import { names } from './question.js';
import { go, route } from './route.js';
import { whole } from './stage.js';
import { t, thousands } from './text.js';
import { failure } from './toast.js';
import { trail } from './trail.js';

const { h, nextTick, reactive, ref, watch, onBeforeUnmount } = window.Vue;
const { ElAlert } = window.ElementPlus;
// Cards that one request may name.
const MOST = 1000;

// Where each list had been scrolled to, so that coming back from a card finds the same place.
const scrolled = new Map();

export const ListPage = {
  props: { page: Object, second: { type: Array, default: () => [] } },
  setup(props) {
    const page = props.page;
    const fields = page.filters || [];
    const data = new ListData(page);
    const model = reactive({});
    const picked = reactive(new Map());
    const table = ref(null);
    const taste = reactive(remembered(session.user.login, page));
    const ready = ref(false);
    // Counts how often the lists below have to ask again.
    const again = ref(0);
    const shared = (below) => Object.fromEntries((below.filters || []).flatMap(names).filter((name) => name in route.params || name in current().filters)
      .map((name) => [name, route.params[name] ?? current().filters[name]]));

    const current = () => readState(page, route.params);
    const picks = (row) => page.row_key in row && row[page.row_key];
    let lastFilters = '';
    // A picked row is what the newest list says of it: what may be done with it follows.
    watch(() => data.rows, (rows) => rows.forEach((row) => { if (picked.has(picks(row))) picked.set(picks(row), row); }));

    async function load({ below = true } = {}) {
      const state = current();
      if (below) again.value += 1;
      Object.assign(model, state.draft);
      const filters = JSON.stringify(state.filters);
      if (filters !== lastFilters) picked.clear();
      lastFilters = filters;
      const fresh = await data.load(state);
      if (!fresh) return;
      await nextTick();
      const top = route.back ? scrolled.get(route.url) || 0 : 0;
      table.value?.setScrollTop?.(top);
    }

    const keepScroll = () => {
      const wrap = table.value?.$el?.querySelector('.el-scrollbar__wrap');
      if (wrap && shownUrl) scrolled.set(shownUrl, wrap.scrollTop);
    };
    let shownUrl = '';
    watch(() => route.url, () => {
      if (route.key !== page.key) return;
      keepScroll();
      shownUrl = route.url;
      load();
    }, { flush: 'sync' });
    onBeforeUnmount(() => { keepScroll(); data.stop(); });
    shownUrl = route.url;
    prepare([...fields, ...page.columns]).then(() => { ready.value = true; });
    ready.value = prepared([...fields, ...page.columns]);
    load();

    // A new question starts at page one; the same question again asks again.
    const write = (changes) => { if (!go(page.key, data.address(current(), changes))) load(); };
    const query = () => { if (!go(page.key, data.question(model, current()))) load(); };
    const reset = () => { if (!go(page.key, {})) load(); };
    const turn = (way) => write(data.turned(current(), way));
    const resize = (size) => write({ size: String(size), cursor: undefined, page: undefined });
    const sort = (name, order) => write({
      sort: name || undefined, order: name ? (order === 'descending' ? 'desc' : 'asc') : undefined,
      cursor: undefined, page: undefined,
    });
    const pick = (rows, on) => rows.forEach((row) => (on ? picked.set(picks(row), row) : picked.delete(picks(row))));

    function act(action, row) {
      const state = current();
      openAction({
        action, row, rows: [...picked.values()], ids: [...picked.keys()], keyName: page.row_key, params: route.params, filters: state.filters,
        about: { ...about.content, ...data.answer }, done: () => { picked.clear(); forgetChoices(); load(); loadAbout(); },
      });
    }

    const columns = () => page.columns.filter((column) => taste.columns.includes(column.name));
    const linked = (column) => !column.unless || !current().filters[column.unless];

    // «All results» is a second step of its own, and only for as many as one act takes.
    const allOffered = () => picked.size > 0 && data.totalIs === 'exact' && data.total > picked.size && data.total <= MOST
      && data.rows.every((row) => picked.has(picks(row)));
    async function pickAll() {
      try { pick(await data.all(current(), MOST), true); } catch (error) { failure(error); }
    }

    // What the page says of itself above its list, and what its buttons follow.
    const about = reactive({ content: {}, error: '' });
    async function loadAbout() {
      if (!page.about) return;
      try {
        Object.assign(about, { content: await get(fill(page.about.source, route.params)), error: '' });
        trail.subject = about.content.number || about.content.batch_no || about.content.recipient || '';
      } catch (error) {
        Object.assign(about, { content: {}, error: explain(error) });
      }
    }
    if (page.about) { prepare(page.about.facts || []); loadAbout(); }

    function aboutBar() {
      if (!page.about) return null;
      const { content } = about;
      const facts = (page.about.facts || []).filter((column) => (content[column.name] ?? null) !== null);
      return [
        about.error ? h(ElAlert, { type: 'error', title: t('加载失败：{reason}', { reason: about.error }), showIcon: true, closable: false }) : null,
        facts.length ? h('dl', { class: 'card about' }, facts.map((column) => h('div', { class: 'fact', key: column.name }, [h('dt', column.label), h('dd', [drawCell(column, content)])]))) : null,
        drawWarning(page.about.warning, content),
      ];
    }

    // A given filter is called what its columns say of the rows that it left.
    const named = (field) => (data.rows.length ? field.shown_by.map((name) => textOf(page.columns.find((column) => column.name === name), data.rows[0][name])).join(' ') : '');

    // What the server took where the field was left empty: the answer says it, or else every row.
    const newest = (field) => data.answer[field.name] ?? data.rows[0]?.[field.name];

    const bar = () => drawBar({
      page, data, picked, taste, state: current(), columns: columns(), pageCan: [...data.can, ...(about.content.can || [])], reload: load, act,
      save: () => remember(session.user.login, page, taste), pickAll: allOffered() ? pickAll : null,
    });

    return () => {
      const state = current();
      const body = (whole.value ? drawTable : drawFirstTable)({
        page, columns: columns(), rows: ready.value ? data.rows : [], rowKey: page.row_key, totals: data.totals, filters: state.filters, linked, picked,
        order: state.sort ? { prop: state.sort, order: state.order === 'desc' ? 'descending' : 'ascending' } : {},
        onPick: pick, onSort: sort, onAction: act, dense: taste.dense,
        height: page.chart || props.second.length ? undefined : '100%', maxHeight: props.second.length ? (props.second.length > 1 ? 300 : 360) : undefined,
        empty: () => drawEmpty(ready.value ? data : {}, Object.keys(state.filters).length > Object.keys(page.fixed || {}).length, reset),
      }, table);
      return h('div', { class: ['list-page', { flowing: page.chart || props.second.length }] }, [
        page.hint ? h('p', { class: 'page-hint' }, page.hint) : null,
        aboutBar(),
        fields.length ? h(QueryForm, { fields, model, busy: data.busy, named, newest, onQuery: query, onReset: reset }) : null,
        page.chart && data.rows.length ? h(BarChart, { page, rows: data.rows, filters: state.filters, linked }) : null,
        h('section', { class: 'card list', 'aria-label': page.title, ...standing(data, ready.value && whole.value) }, [
          props.second.length || page.list_title ? h('h2', { class: 'list-title' }, page.list_title || page.title) : null,
          drawWarning(page.warning, data.answer), bar(), drawAlert(data, load),
          h('div', { class: ['table-box', { veiled: data.slow }] }, [body]),
          page.paged ? drawPager(data.pager(state), resize, turn)
            : h('div', { class: 'pager' }, [h('span', { class: 'total', role: 'status' }, t('共 {count} 条', { count: thousands(data.rows.length) }))]),
        ]),
        ...props.second.map((below) => h(SecondList, {
          key: below.key, page: below, params: shared(below), about: about.content, turn: again.value, onChanged: () => load({ below: false }),
        })),
      ]);
    };
  },
};

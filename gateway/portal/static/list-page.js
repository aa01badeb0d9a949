// One page of the portal: query form, table, toolbar, pager. Everything that can be shared lives in the address.
import { openAction } from './action.js';
import { forgetChoices, session } from './api.js';
import { BarChart } from './chart.js';
import { prepare } from './fields.js';
import { drawTable } from './table.js';
import { QueryForm } from './query-form.js';
import { ListData, readState } from './list-data.js';
import { drawPager } from './pager.js';
import { drawEmpty, drawTools, remembered, remember } from './list-tools.js';
import { go, route } from './route.js';
import { t, thousands } from './text.js';
import { failure } from './toast.js';

const { h, nextTick, reactive, ref, watch, onBeforeUnmount } = window.Vue;
const { ElAlert, ElButton } = window.ElementPlus;
// Cards that one request may name.
const MOST = 1000;

// Where each list had been scrolled to, so that coming back from a card finds the same place.
const scrolled = new Map();

export const ListPage = {
  props: { page: Object },
  setup(props) {
    const page = props.page;
    const fields = page.filters || [];
    const data = new ListData(page);
    const model = reactive({});
    const picked = reactive(new Map());
    const table = ref(null);
    const taste = reactive(remembered(session.user.login, page));
    const ready = ref(false);

    const current = () => readState(page, route.params);
    const picks = (row) => page.row_key in row && row[page.row_key];
    let lastFilters = '';

    async function load() {
      const state = current();
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
        action, row, rows: [...picked.values()], ids: [...picked.keys()], params: route.params, filters: state.filters,
        done: () => { picked.clear(); forgetChoices(); load(); },
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

    function bar() {
      const button = (action, disabled, useless = false) => h(ElButton, {
        title: useless ? t('所选的卡都不能执行此操作') : undefined,
        key: action.label, type: disabled || action.kind === 'default' ? undefined : action.kind, plain: action.kind === 'danger', disabled, onClick: () => act(action, null),
      }, () => action.label);
      const rows = [...picked.values()];
      const nobody = (action) => Boolean(action.can) && !rows.some((row) => (row.can || []).includes(action.can));
      const batch = (page.batch || []).map((action) => button(action, !rows.length || nobody(action), rows.length && nobody(action)));
      const chosen = picked.size ? h('span', { class: 'chosen', role: 'status' }, [
        t('已选 {count} 项', { count: thousands(picked.size) }), ' · ',
        h('button', { type: 'button', class: 'plain-link', onClick: () => picked.clear() }, t('清空')),
        ...(allOffered() ? [' · ', h('button', { type: 'button', class: 'plain-link', onClick: pickAll }, t('选择全部 {count} 条', { count: thousands(data.total) }))] : []),
      ]) : null;
      return h('div', { class: 'bar' }, [
        h('div', { class: 'bar-left' }, [...batch, chosen]),
        h('div', { class: 'bar-right' }, [
          ...(page.toolbar || []).map((action) => button(action, false)),
          ...drawTools({ page, data, taste, state: current(), columns: columns(), reload: load, save: () => remember(session.user.login, page, taste) }),
        ]),
      ]);
    }

    return () => {
      const state = current();
      const alert = data.error ? h(ElAlert, {
        type: 'error', showIcon: true, closable: false, title: data.forbidden ? t('无权限') : t('加载失败：{reason}', { reason: data.error }),
        class: 'list-alert',
      }, { default: () => (data.forbidden ? data.error : h(ElButton, { size: 'small', onClick: load }, () => t('重试'))) }) : null;
      const body = drawTable({
        page, columns: columns(), rows: ready.value ? data.rows : [], rowKey: page.row_key, totals: data.totals, filters: state.filters, linked, picked,
        order: state.sort ? { prop: state.sort, order: state.order === 'desc' ? 'descending' : 'ascending' } : {},
        onPick: pick, onSort: sort, onAction: act, dense: taste.dense, height: page.chart ? undefined : '100%',
        empty: () => drawEmpty(data, Object.keys(state.filters).length > Object.keys(page.fixed || {}).length, reset),
      }, table);
      return h('div', { class: ['list-page', { flowing: page.chart }] }, [
        page.hint ? h('p', { class: 'page-hint' }, page.hint) : null,
        fields.length ? h(QueryForm, { fields, model, busy: data.busy, onQuery: query, onReset: reset }) : null,
        page.chart && data.rows.length ? h(BarChart, { page, rows: data.rows, filters: state.filters, linked }) : null,
        h('section', { class: 'card list', 'aria-label': page.title, 'aria-busy': String(data.busy) }, [
          bar(), alert,
          h('div', { class: ['table-box', { veiled: data.slow }] }, [body]),
          page.paged ? drawPager(data.pager(state), resize, turn)
            : h('div', { class: 'pager' }, [h('span', { class: 'total', role: 'status' }, t('共 {count} 条', { count: thousands(data.rows.length) }))]),
        ]),
      ]);
    };
  },
};

// The rows of a list page and how they are asked for: address -> question -> answer. Late answers of an older question
// are dropped; old rows stay until the new ones are there.
import { explain, get, getNow, session } from './api.js';
import { initial } from './fields.js';
import { fill } from './plain.js';
import { SIZES, names, question, readState as read } from './question.js';

const { shallowReactive } = window.Vue;
const STATE = ['cursor', 'page', 'size', 'sort', 'order'];
const SLOW = 200;
// As a cursor: the last page.
const LAST = 'last';

export const readState = (page, params) => read(page, params, session.user || {});

const without = (params) => Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));

export class ListData {
  constructor(page) {
    this.page = page;
    this.sequence = 0;
    this.next = '';
    this.previous = '';
    return shallowReactive(Object.assign(this, {
      rows: [], answer: {}, can: [], totals: null, total: 0, totalIs: 'exact', busy: false, slow: false, error: '', forbidden: false, loaded: false, answered: '',
    }));
  }

  stop() { this.sequence += 1; }

  query(state) { return question(this.page, state); }

  async load(state) {
    this.sequence += 1;
    const mine = this.sequence;
    const address = window.location.hash;
    const path = fill(this.page.source, this.pathParams());
    const early = getNow(path, this.query(state));
    if (early) {
      this.take(early);
      Object.assign(this, { busy: false, slow: false, loaded: true, answered: address });
      return true;
    }
    this.busy = true;
    const timer = setTimeout(() => { if (mine === this.sequence) this.slow = true; }, SLOW);
    try {
      const answer = await get(path, this.query(state));
      if (mine !== this.sequence) return false;
      this.take(answer);
      return true;
    } catch (error) {
      if (mine !== this.sequence) return false;
      Object.assign(this, { error: explain(error), forbidden: error.status === 403 });
      return false;
    } finally {
      clearTimeout(timer);
      if (mine === this.sequence) Object.assign(this, { busy: false, slow: false, loaded: true, answered: address });
    }
  }

  // Every row that matches, at most ``most``.
  async all(state, most) {
    const answer = await get(fill(this.page.source, this.pathParams()), { ...this.query({ ...state, cursor: '' }), size: most });
    return answer.items;
  }

  pathParams() {
    return Object.fromEntries(new URLSearchParams(window.location.hash.split('?')[1] || ''));
  }

  take(answer) {
    const items = Array.isArray(answer) ? answer : answer.items || [];
    Object.assign(this, {
      rows: items, answer: Array.isArray(answer) ? {} : answer, can: answer.can || [], totals: answer.totals || null, total: answer.total ?? items.length,
      totalIs: answer.total_is || 'exact', error: '', forbidden: false,
      next: answer.next_cursor || '', previous: answer.previous_cursor || '',
    });
  }

  // ---- addresses
  address(state, changes) {
    const params = {};
    for (const field of this.page.filters || []) {
      for (const name of names(field)) {
        const value = state.draft[name];
        if (value?.length || initial(field)) params[name] = value;
      }
    }
    const linked = this.linkedParams();
    const kept = {
      size: state.size === SIZES[0] ? undefined : String(state.size), cursor: state.cursor || undefined,
      page: state.page > 1 ? String(state.page) : undefined,
      ...this.sortParams(state),
    };
    return without({ ...linked, ...params, ...kept, ...changes });
  }

  sortParams(state) {
    const standard = this.page.sort ? this.page.sort.replace(/^-/, '') : '';
    const direction = this.page.sort?.startsWith('-') ? 'desc' : 'asc';
    if (!state.sort || (state.sort === standard && state.order === direction)) return {};
    return { sort: state.sort, order: state.order };
  }

  // Parameters of the address that no field shows: the {id} of the source.
  linkedParams() {
    const shown = new Set((this.page.filters || []).flatMap(names));
    return Object.fromEntries(
      Object.entries(this.pathParams()).filter(([name]) => !shown.has(name) && !STATE.includes(name)));
  }

  question(model, state) {
    const draft = {};
    for (const field of this.page.filters || []) for (const name of names(field)) draft[name] = model[name];
    return this.address({ ...state, draft }, { cursor: undefined, page: undefined });
  }

  pages(state) {
    return this.totalIs === 'exact' ? Math.max(1, Math.ceil(this.total / state.size)) : 0;
  }

  turned(state, way) {
    const pages = this.pages(state);
    switch (way) {
      case 'first': return { cursor: undefined, page: undefined };
      case 'last': return { cursor: LAST, page: pages ? String(pages) : undefined };
      case 'next': return { cursor: this.next, page: String(state.page + 1) };
      default: return { cursor: this.previous, page: String(Math.max(1, state.page - 1)) };
    }
  }

  pager(state) {
    const pages = this.pages(state);
    const atStart = !this.previous;
    // Rows come and go while pages are walked; at either end the number is known again.
    const page = atStart ? 1 : !this.next && pages ? pages : state.page;
    return {
      total: this.total, totalIs: this.totalIs, size: state.size, page, pages, atStart, atEnd: !this.next, last: this.page.last,
    };
  }
}

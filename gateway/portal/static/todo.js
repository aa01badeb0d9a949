// What waits for this clerk: badges in the menu, the bell, the list on the first page. Asked again every minute.
import { get, local, session } from './api.js';
import { href } from './plain.js';

const { reactive } = window.Vue;
const EVERY = 60000;

export const todo = reactive({ items: [], unread: 0 });
let timer = 0;
let asking = false;

// Where an item opens: a page of the portal by the place that workflow names and the kind of form.
export function pageOf(item) {
  const pages = local.todo[item.page] || {};
  const kind = [].concat(item.filters.kind || '')[0];
  return pages[kind] || pages[''] || '';
}

export const todoHref = (item) => href(pageOf(item), Object.fromEntries(
  Object.entries(item.filters).map(([name, value]) => [name, [].concat(value).map(String)])));

// Menu entries carry the sum of all items whose page they are, or a tab of theirs.
export function waitingAt(key, pages) {
  return todo.items.filter((item) => {
    const page = pageOf(item);
    return page && (page === key || pages[page]?.tab_of === key);
  }).reduce((sum, item) => sum + item.count, 0);
}

export async function loadTodo() {
  clearTimeout(timer);
  if (asking || !session.user) return;
  asking = true;
  try {
    const { items, unread } = await get('/todo');
    Object.assign(todo, { items, unread });
  } catch { /* a service that is away for a moment is no news; the lists themselves say it */ } finally {
    asking = false;
    timer = setTimeout(loadTodo, EVERY);
  }
}

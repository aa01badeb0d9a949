// The address bar is the state: #/page?filter=value&cursor=…&page=2. Reload, back and shared links keep everything.
import { href, parse } from './plain.js';

const { reactive } = window.Vue;

export const route = reactive({ key: '', params: {}, url: '', back: false });

// Pages that hold unsaved work may ask before the address changes.
let ownMove = false;

function read() {
  const url = window.location.hash || '#/home';
  const { key, params } = parse(url);
  // The address last: who watches it finds the rest in place.
  Object.assign(route, { key, params, back: !ownMove, url });
  ownMove = false;
}

// Returns false when the address was already this one: then nothing changes and the caller may reload.
export function go(key, params, { replace = false } = {}) {
  const target = href(key, params);
  if (target === window.location.hash) return false;
  ownMove = true;
  if (replace) {
    window.history.replaceState(null, '', target);
    read();
  } else {
    window.location.hash = target;
  }
  return true;
}

// As if a link to it had been clicked.
export function visit(target) {
  if (target === window.location.hash) return;
  ownMove = true;
  window.location.hash = target;
}

window.addEventListener('hashchange', read);
document.addEventListener('click', (event) => {
  if (event.target.closest?.('a[href^="#/"]')) ownMove = true;
}, true);
read();

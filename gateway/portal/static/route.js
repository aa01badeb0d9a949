// The address bar is the state: #/page?filter=value&cursor=…&page=2. Reload, back and shared links keep everything.
const { reactive } = window.Vue;

export const route = reactive({ key: '', params: {}, url: '', back: false });

// Pages that hold unsaved work may ask before the address changes.
let ownMove = false;

export function parse(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?');
  const params = {};
  for (const [name, value] of new URLSearchParams(query)) {
    params[name] = name in params ? [].concat(params[name], value) : value;
  }
  return { key: path || 'home', params };
}

export function href(key, params = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const item of [].concat(value)) {
      if (item !== undefined && item !== null) query.append(name, item);
    }
  }
  const text = query.toString();
  return `#/${key}${text ? `?${text}` : ''}`;
}

// "cards?owner_unit={unit}&state=running" and a row give a real link, so the middle mouse button works. What is empty or
// false in the row does not become a condition.
export function drill(template, row) {
  const [key, query = ''] = template.split('?');
  const params = {};
  for (const part of query.split('&').filter(Boolean)) {
    const [name, pattern] = part.split('=');
    const value = pattern.replace(/\{([a-z0-9_]+)\}/g, (_, field) => row[field] ?? '');
    if (value === '' || value === 'false') continue;
    params[name] = name in params ? [].concat(params[name], value) : value;
  }
  return href(key, params);
}

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

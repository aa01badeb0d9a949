// What needs neither the libraries nor the server: texts with holes, addresses, and what day it is in Shanghai.

// Puts values into {holes}; a hole without value stays empty.
export function fill(template, values) {
  return template.replace(/\{([a-z0-9_]+)\}/g, (_, name) => (values[name] ?? '').toString());
}

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
// false in the row does not become a condition; a false that the template itself says does.
export function drill(template, row) {
  const [key, query = ''] = template.split('?');
  const params = {};
  for (const part of query.split('&').filter(Boolean)) {
    const [name, pattern] = part.split('=');
    const value = pattern.replace(/\{([a-z0-9_]+)\}/g, (_, field) => row[field] ?? '');
    if (value === '' || (value === 'false' && pattern !== value)) continue;
    params[name] = name in params ? [].concat(params[name], value) : value;
  }
  return href(key, params);
}

// Made when the first moment is said: it takes longer to make than all the rest of this.
let clock = null;
export function moment(date) {
  clock ??= new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit', second: '2-digit',
  });
  return clock.format(date).replace(',', '');
}

export const today = () => moment(new Date()).slice(0, 10);

export function month(offset = 0) {
  const [year, index] = today().split('-').map(Number);
  const moved = new Date(Date.UTC(year, index - 1 + offset, 1));
  return moved.toISOString().slice(0, 7);
}

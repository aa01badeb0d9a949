// What a list asks the server for, worked out from its page and the address. Used twice: by early.js, while the browser
// still reads the libraries, and by the list itself.
import { month, today } from './plain.js';

const BASE = '/api/v1';
export const SIZES = [20, 50, 100];

export function initial(field, user) {
  switch (field.default) {
    case '$name': return user.name || '';
    case '$unit': return user.unit || '';
    case '$phone': return user.phone || '';
    case '$today': return today();
    case '$this_month': return month();
    case '$next_month': return month(1);
    case undefined: return field.multiple ? [] : '';
    default: return field.multiple ? field.default.split(',') : field.default;
  }
}

// The parameters a field fills: one, or the two ends of a span.
export const names = (field) => (field.until ? [field.name, field.until] : [field.name]);

const SEPARATORS = /[\s,;，；、]+/;
const LIKE_A_CARD = /^[^0-9A-Za-z]*[0-9A-Za-z]{18,20}[^0-9A-Za-z]*$/;
const unique = (words) => [...new Set(words.filter(Boolean))];
export const split = (text) => unique((text || '').split(SEPARATORS));

// A list of cards as people paste it. Of a table, whose cells a spreadsheet parts by tabs, those columns count in which
// card numbers stand. A word without any digit is a head and never a number: it is left out, and told.
export function pasted(text) {
  const lines = (text || '').split(/\r?\n/).map((line) => line.split('\t'));
  const numbered = new Set(lines.flatMap((cells) => [...cells.keys()].filter((place) => LIKE_A_CARD.test(cells[place].trim()))));
  const kept = numbered.size ? lines.map((cells) => cells.filter((_, place) => numbered.has(place))) : lines;
  const words = split(kept.flat().join(' '));
  const isNumber = (word) => /\p{Nd}/u.test(word);
  return { numbers: words.filter(isNumber), left: words.filter((word) => !isNumber(word)) };
}

// What a field of many numbers sends.
export const listed = (field, text) => (field.kind === 'iccids' ? pasted(text).numbers : split(text));

// What the address says. A default applies while the address says nothing about the field; "month=" means: no month.
export function readState(page, params, user) {
  const draft = {};
  const filters = { ...(page.fixed || {}) };
  for (const field of page.filters || []) {
    for (const name of names(field)) {
      const given = params[name];
      const start = name === field.name ? initial(field, user) : '';
      let value = given === undefined ? start : given;
      if (field.multiple) value = [].concat(value).filter(Boolean);
      else if (Array.isArray(value)) [value] = value;
      draft[name] = value;
      const sent = field.kind === 'iccids' ? listed(field, value) : value;
      if (sent !== '' && !(Array.isArray(sent) && !sent.length)) filters[name] = sent;
    }
  }
  const [sort, direction] = page.sort ? [page.sort.replace(/^-/, ''), page.sort.startsWith('-') ? 'desc' : 'asc'] : ['', ''];
  const size = Number(params.size);
  return {
    draft, filters, cursor: params.cursor || '', page: Number(params.page) || 1,
    size: SIZES.includes(size) ? size : SIZES[0], sort: params.sort || sort, order: params.order || direction || 'asc',
  };
}

export function question(page, state) {
  const query = { ...state.filters };
  if (page.paged) Object.assign(query, { cursor: state.cursor, size: state.size });
  if (state.sort) Object.assign(query, { sort: state.sort, order: state.order });
  return query;
}

// The whole address of a question; what is empty is not asked.
export function addressOf(path, query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query || {})) {
    for (const item of [].concat(value)) {
      if (item !== undefined && item !== null && item !== '') parameters.append(name, item);
    }
  }
  const text = parameters.toString();
  return (path.startsWith('/api/') ? path : BASE + path) + (text ? `?${text}` : '');
}

// Where the choices of a name are had, if they are not among the words that come with the pages.
export const choicesPath = (name) => (name === 'units' ? '/units/tree' : `/options/${name}`);

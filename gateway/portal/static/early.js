// Runs before the libraries are read, and asks at once for all that the first table needs: a new token, who may see what,
// the list that the address names, and its choices. api.js hands the answers out, each once.
import { pages } from './opening.js';
import { fill, parse } from './plain.js';
import { addressOf, choicesPath, question, readState } from './question.js';

function stored() {
  try {
    return {
      language: localStorage.getItem('simkeep.lang') === 'en' ? 'en' : 'zh', logged: localStorage.getItem('simkeep.session') === '1',
      until: Number(localStorage.getItem('simkeep.until')) || 0,
    };
  } catch {
    return { logged: false };
  }
}

// The addresses of what the first page shows; of a page that draws itself, none.
function wanted(language) {
  const { key, params } = parse(window.location.hash);
  const page = pages[key];
  const asked = [addressOf('/api/ui', { lang: language })];
  if (!page) return asked;
  asked.push(addressOf(fill(page.source, params), question(page, readState(page, params, {}))));
  if (page.about) asked.push(addressOf(fill(page.about, params)));
  return [...asked, ...(page.options || []).map((name) => addressOf(choicesPath(name)))];
}

const { language, logged, until } = stored();
if (logged) {
  const headers = { 'Accept-Language': language === 'en' ? 'en' : 'zh-CN' };
  const read = async (answer) => (answer.ok ? { ok: true, content: await answer.json() } : { ok: false });
  const refresh = fetch(addressOf('/auth/refresh'), { method: 'POST', headers, credentials: 'same-origin' }).then(read);
  // Reading is allowed by the cookie of the last token, as long as that lives; else the new token's has to come first.
  const signed = until > Date.now() ? Promise.resolve() : refresh;
  const ask = (address) => {
    const answer = signed.then(() => fetch(address, { headers, credentials: 'same-origin' })).then(read).catch(() => ({ ok: false }));
    return [address, answer];
  };
  refresh.catch(() => {}); // who takes it hears of it
  window.simkeepEarly = { language, refresh, answers: new Map(wanted(language).map(ask)) };
}

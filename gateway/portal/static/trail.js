// Where one has come from, on pages that are reached from several lists: a form, its cards, a card, a batch's refused rows.
// Such a page keeps the menu and the breadcrumb of the list, and the breadcrumb leads back to the list as it was.
import { go, route } from './route.js';

const { reactive, watch } = window.Vue;

// subject: what the page shows, where its address does not say it.
export const trail = reactive({ steps: [], subject: '' });

const below = (pages, key) => Boolean(pages[key]?.tab_of && !pages[key].tab);

function steps(pages, from, known) {
  if (!below(pages, route.key) || !pages[from.key]) return [];
  if (from.key === route.key) return known;
  const place = known.findIndex((step) => step.key === route.key);
  if (place >= 0) return known.slice(0, place);
  return [...(below(pages, from.key) ? known : []), { key: from.key, url: from.url }];
}

// The browser keeps the steps with the address: going back, forward and reloading find them again.
export function follow(pages) {
  let from = { key: route.key, url: route.url };
  trail.steps = window.history.state?.trail || [];
  watch(() => route.url, () => {
    if (route.back) trail.steps = window.history.state?.trail || [];
    else {
      const next = steps(pages(), from, trail.steps).map(({ key, url }) => ({ key, url }));
      trail.steps = next;
      window.history.replaceState({ ...window.history.state, trail: next }, '');
    }
    if (from.key !== route.key) trail.subject = '';
    from = { key: route.key, url: route.url };
  }, { flush: 'sync' });
}

// The menu entry that is lit, and under which the breadcrumb begins.
export const rootOf = (pages) => {
  const key = trail.steps[0]?.key || route.key;
  return pages[key]?.tab_of || key;
};

// Back to the list as it was, else one step in the browser's memory.
export function back() {
  const last = trail.steps.at(-1);
  if (last) window.location.hash = last.url;
  else if (window.history.length > 1) window.history.back();
  else go('home', {});
}

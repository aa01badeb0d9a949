// One box for whatever one has in the hand: a card's number or its last six digits, a phone number, an IMSI, a terminal,
// a batch, a form, a person, a page. Ctrl K opens it anywhere.
import { explain, get, session } from './api.js';
import { labelOf } from './fields.js';
import { icon } from './icons.js';
import { href } from './plain.js';
import { route, visit } from './route.js';
import { drawTag } from './tag.js';
import { t, thousands } from './text.js';

const { h, nextTick, reactive, ref, watch } = window.Vue;
const { ElAlert, ElDialog } = window.ElementPlus;
const PAUSE = 200;
const SHORTEST = 2;

const box = reactive({ open: false, text: '', groups: [], chosen: 0, busy: false, error: '', asked: '' });
let sequence = 0;
let timer = 0;

export const openSearch = () => Object.assign(box, { open: true, text: '', groups: [], chosen: 0, error: '', asked: '' });

const NAMED_BY = {
  iccid: () => '', last_six: () => t('尾号'), msisdn: () => t('手机号'), imsi: () => 'IMSI', terminal: () => t('终端资产编号'),
};
const entry = (key, to, title, note, state) => ({ key, to, title, note, state });

function cardEntries(cards) {
  return cards.map((card) => entry(`card/${card.iccid}`, href('card', { iccid: card.iccid }), card.iccid, [
    card.owner_unit_name || card.owner_unit, NAMED_BY[card.by](),
    { msisdn: card.msisdn, imsi: card.imsi, terminal: card.terminal_asset_no }[card.by] || card.msisdn,
  ].filter(Boolean).join(' · '), ['card_states', card.state]));
}

function groupsOf(answer, pages) {
  const terminals = [...new Set(answer.cards.filter((card) => card.by === 'terminal').map((card) => card.terminal_asset_no))];
  const open = (key) => key in pages;
  return [
    [t('卡片'), open('card') ? cardEntries(answer.cards) : []],
    [t('终端'), open('bindings') ? terminals.map((no) => entry(`terminal/${no}`, href('bindings', { terminal: no }), no, t('绑定历史'))) : []],
    [t('到货批次'), open('stock-in') ? answer.batches.map((batch) => entry(`batch/${batch.id}`, href('stock-in', { batch_no: batch.batch_no, carrier: batch.carrier }), batch.batch_no,
      `${labelOf('carriers', batch.carrier)} · ${thousands(batch.received_count)} ${t('张')}`)) : []],
    [t('箱和标签'), open('box') ? answer.labels.map((label) => entry(`label/${label.code}`, href('box', { code: label.code }), label.box_no ? t('{batch} 箱 {number}', { batch: label.batch_no, number: label.box_no }) : label.batch_no,
      `${thousands(label.card_count)} ${t('张')}`)) : []],
    [t('申请单'), open('form') ? answer.forms.map((form) => entry(`form/${form.number}`, href('form', { number: form.number }), form.number,
      `${labelOf('issued_form_kinds', form.kind)} · ${form.unit_name || form.unit}`, ['form_states', form.state])) : []],
    [t('人员'), open('people') ? answer.people.map((person) => entry(`person/${person.login}`, href('people', { login: person.login }), person.name, `${person.login} · ${person.unit_name || person.unit}`)) : []],
  ];
}

const pageEntries = (pages, text) => Object.values(pages)
  .filter((page) => (!page.tab_of || page.tab) && `${page.title} ${page.tab || ''}`.toLowerCase().includes(text.toLowerCase()))
  .map((page) => entry(`page/${page.key}`, href(page.key), page.tab && page.tab_of ? `${pages[page.tab_of]?.title || page.title} / ${page.tab}` : page.title, t('页面')));

async function look(pages) {
  const text = box.text.trim();
  sequence += 1;
  const mine = sequence;
  const show = (groups, more) => Object.assign(box, { groups: groups.filter(([, items]) => items.length), chosen: 0, asked: text, ...more });
  const found = [t('页面'), text ? pageEntries(pages, text).slice(0, 6) : []];
  if (text.length < SHORTEST) { show([found], { busy: false, error: '' }); return; }
  box.busy = true;
  try {
    const answer = await get('/search', { q: text });
    const error = answer.missing.length ? t('部分服务暂时没有应答，结果可能不全') : '';
    if (mine === sequence) show([...groupsOf(answer, pages), found], { busy: false, error });
  } catch (error) {
    if (mine === sequence) show([found], { busy: false, error: explain(error) });
  }
}

const all = () => box.groups.flatMap(([, items]) => items);

function follow(item) {
  if (!item) return;
  box.open = false;
  visit(item.to);
}

function onKeydown(event, pages) {
  const items = all();
  if (event.key === 'ArrowDown') box.chosen = Math.min(items.length - 1, box.chosen + 1);
  else if (event.key === 'ArrowUp') box.chosen = Math.max(0, box.chosen - 1);
  // What was typed last is looked for before it is followed: a scanner types faster than anybody looks.
  else if (event.key === 'Enter' && !event.isComposing) {
    if (box.asked === box.text.trim()) follow(items[box.chosen]);
    else { clearTimeout(timer); look(pages).then(() => { if (all().length === 1) follow(all()[0]); }); }
  } else return;
  event.preventDefault();
}

// The keys count from the beginning, also while the box itself is still to be made.
document.addEventListener('keydown', (event) => {
  if (session.user && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') { event.preventDefault(); openSearch(); }
});

export const SearchBox = {
  props: { pages: Object },
  setup(props) {
    const input = ref(null);
    watch(() => route.url, () => { box.open = false; });
    watch(() => box.text, () => { clearTimeout(timer); timer = setTimeout(() => look(props.pages), PAUSE); });

    const option = (item, place) => h('li', {
      key: item.key, id: `found-${place}`, role: 'option', class: ['found', { chosen: place === box.chosen }], 'aria-selected': String(place === box.chosen),
      onClick: () => follow(item), onMousemove: () => { box.chosen = place; },
    }, [h('span', { class: 'found-title digits' }, item.title), h('span', { class: 'quiet' }, item.note), item.state ? drawTag(...item.state) : null]);

    function list() {
      let place = -1;
      return h('ul', { id: 'found', role: 'listbox', 'aria-label': t('查找结果'), class: 'found-list' }, box.groups.map(([title, items], index) => h('li', { key: title, role: 'presentation' }, [
        h('div', { class: 'found-group', id: `found-group-${index}`, role: 'presentation' }, title),
        h('ul', { role: 'group', 'aria-labelledby': `found-group-${index}` }, items.map((item) => { place += 1; return option(item, place); })),
      ])));
    }

    const nothing = () => (box.text.trim().length >= SHORTEST && !box.busy && box.asked === box.text.trim() && !all().length
      ? h('p', { class: 'quiet found-none', role: 'status' }, t('没有找到，请核对号码是否完整')) : null);

    return () => h(ElDialog, {
      modelValue: box.open, 'onUpdate:modelValue': (open) => { box.open = open; }, title: t('查找'), width: 'min(640px, 94vw)', top: '10vh', class: 'search-dialog',
      onOpened: () => nextTick(() => input.value?.focus()), destroyOnClose: true,
    }, () => [
      h('input', {
        ref: input, class: 'search-input digits', value: box.text, onInput: (event) => { box.text = event.target.value; }, onKeydown: (event) => onKeydown(event, props.pages),
        role: 'combobox', 'aria-label': t('查找'), 'aria-expanded': String(all().length > 0), 'aria-controls': all().length ? 'found' : undefined, 'aria-autocomplete': 'list',
        'aria-activedescendant': all().length ? `found-${box.chosen}` : undefined, 'aria-busy': String(box.busy), maxlength: 64, autocomplete: 'off', spellcheck: false,
        placeholder: t('ICCID 或末 6 位、手机号、IMSI、终端、批次、申请单、人员、页面'),
      }),
      box.error ? h(ElAlert, { type: 'warning', title: box.error, closable: false, showIcon: true }) : null,
      all().length ? list() : nothing(),
    ]);
  },
};

export const searchButton = () => h('button', { type: 'button', class: 'search-button', onClick: openSearch, 'aria-keyshortcuts': 'Control+K' }, [
  icon('search', 16), h('span', t('查找')), h('kbd', 'Ctrl K'),
]);

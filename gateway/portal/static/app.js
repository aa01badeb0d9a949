// Start: language, session, shell, and the page the address names.
import { earlyAnswers, forgetChoices, forgetEarly, get, local, mayRefresh, options, refresh, session } from './api.js';
import { ActionDialog } from './action.js';
import { AnswerDialog } from './answer.js';
import { JobDrawer } from './jobs.js';
import { ScanDialog } from './follow.js';
import { ListPage } from './list-page.js';
import { PdfViewer } from './viewer.js';
import { loadTodo } from './todo.js';
import { Login } from './login.js';
import { route } from './route.js';
import { SearchBox } from './search.js';
import { drawShell } from './shell.js';
import { makeWhole, whole } from './stage.js';
import { elementLocale, language, t, useLanguage } from './text.js';
import { follow } from './trail.js';

const { createApp, defineAsyncComponent, h, shallowReactive, watch } = window.Vue;
const { ElConfigProvider, ElEmpty } = window.ElementPlus;

const PATIENCE = 400;
const ui = shallowReactive({ menu: [], pages: {}, account: [], owner: '', error: '' });
const components = new Map();

// Pages that draw themselves are modules of their own, fetched when first opened.
function component(name) {
  if (!components.has(name)) components.set(name, defineAsyncComponent(() => import(`./${name}.js`).then((module) => module.default)));
  return components.get(name);
}

// What no table waits for comes after the first one.
function askTheRest() {
  options('units').catch(() => {});
  loadTodo();
}

async function loadInterface() {
  if (!session.user) return;
  try {
    const found = await get('/api/ui', { lang: language.code });
    Object.assign(local, { options: found.options, tones: found.tones, todo: found.todo });
    Object.assign(ui, { menu: found.menu, pages: found.pages, account: found.account, owner: `${session.user.login}/${language.code}`, error: '' });
    if (whole.value) askTheRest();
  } catch (error) {
    ui.error = error.message;
  }
}

// The first that the menu opens: not everybody has a home page.
const firstOf = (entries) => entries.map((entry) => (entry.entries ? firstOf(entry.entries) : entry.open && entry.key)).find(Boolean);

function page() {
  const spec = ui.pages[route.key];
  if (!spec) {
    return h(ElEmpty, { imageSize: 90, description: t('页面不存在，或您没有权限查看') }, () => h('a', { class: 'drill', href: '#/home' }, t('返回首页')));
  }
  const what = spec.component ? component(spec.component) : ListPage;
  const second = (spec.second || []).map((key) => ui.pages[key]).filter(Boolean);
  return h(what, { key: `${spec.key}/${ui.owner}`, page: spec, second });
}

async function changeLanguage(code) {
  forgetChoices();
  await useLanguage(code);
}

const App = {
  setup() {
    watch(() => [session.user?.login, language.code], () => { forgetChoices(); loadInterface(); });
    watch(() => [route.key, ui.owner], () => {
      const spec = ui.pages[route.key];
      const first = route.key === 'home' && !spec ? firstOf(ui.menu || []) : '';
      if (first) window.location.replace(`#/${first}`);
      document.title = spec ? `${spec.title} - ${t('SIM卡全流程管理')}` : t('SIM卡全流程管理');
    }, { immediate: true });

    const inside = () => {
      if (!session.user) return h(Login, { onLanguage: changeLanguage });
      if (ui.owner !== `${session.user.login}/${language.code}`) {
        return h('p', { class: 'starting' }, ui.error ? t('加载失败：{reason}', { reason: ui.error }) : t('正在加载…'));
      }
      return [
        drawShell({ ui, page, onLanguage: changeLanguage }),
        ...(whole.value ? [h(ActionDialog), h(AnswerDialog), h(JobDrawer), h(PdfViewer), h(ScanDialog), h(SearchBox, { pages: ui.pages })] : []),
        session.expired ? h('div', { class: 'relogin' }, [h(Login, { again: true })]) : null,
      ];
    };
    return () => h(ElConfigProvider, { locale: elementLocale(), button: { autoInsertSpace: false } }, () => inside());
  },
};

async function start() {
  const words = useLanguage(language.code);
  if (mayRefresh()) await refresh();
  await words;
  await earlyAnswers(PATIENCE);
  await loadInterface();
  follow(() => ui.pages);
  createApp(App).mount('#app');
  await makeWhole();
  forgetEarly();
  if (session.user) askTheRest();
}

if (!('at' in Array.prototype)) {
  document.getElementById('app').textContent = '浏览器版本过低，请使用 Chromium 92 及以上内核的浏览器。';
} else {
  start();
}

// Login, as the first page and again over a page whose session has ended.
import { explain, login, session } from './api.js';
import { icon } from './icons.js';
import { language, t } from './text.js';

const { h, onMounted, reactive, ref } = window.Vue;
const { ElAlert, ElButton, ElInput } = window.ElementPlus;

export const Login = {
  props: { again: Boolean },
  emits: ['language'],
  setup(props, { emit }) {
    const state = reactive({ login: props.again ? session.user?.login || '' : '', password: '', busy: false, error: '' });
    const first = ref(null);
    onMounted(() => first.value?.focus());

    async function enter(event) {
      event.preventDefault();
      if (state.busy) return;
      if (!state.login.trim() || !state.password) { state.error = t('请输入登录名和密码'); return; }
      Object.assign(state, { busy: true, error: '' });
      try {
        // Somebody else at the same screen must not inherit the first one's open page.
        if (await login(state.login.trim(), state.password)) window.location.reload();
      } catch (error) {
        Object.assign(state, { error: explain(error), password: '' });
      } finally {
        state.busy = false;
      }
    }

    const input = (name, label, extra) => h('label', { class: 'login-field' }, [
      h('span', label),
      h(ElInput, {
        modelValue: state[name], 'onUpdate:modelValue': (value) => { state[name] = value; }, size: 'large', ariaLabel: label, ...extra,
      }),
    ]);

    return () => h('div', { class: 'login-page' }, [
      h('div', { class: 'login-side', 'aria-hidden': 'true' }, [
        h('div', { class: 'login-art' }, [icon('card', 72)]),
        h('h2', t('SIM卡全流程线上化管理')), h('p', t('到货 · 检测 · 入库 · 分卡 · 领用 · 装接 · 报废，一张卡的一生都在账上')),
      ]),
      h('main', { class: 'login-main' }, [
        props.again ? null : h('button', {
          type: 'button', class: 'plain-link login-language', onClick: () => emit('language', language.code === 'en' ? 'zh' : 'en'),
        }, language.code === 'en' ? '中文' : 'English'),
        h('form', { class: 'login-form', onSubmit: enter, 'aria-label': t('登录') }, [
          h('h1', t('登录')),
          props.again ? h(ElAlert, { type: 'warning', title: t('登录已过期，请重新登录，页面内容会保留'), showIcon: true, closable: false }) : null,
          input('login', t('登录名'), { ref: first, autocomplete: 'username', maxlength: 64 }),
          input('password', t('密码'), { type: 'password', showPassword: true, autocomplete: 'current-password', maxlength: 128 }),
          state.error ? h(ElAlert, { type: 'error', title: state.error, showIcon: true, closable: false, role: 'alert' }) : null,
          h(ElButton, { type: 'primary', size: 'large', nativeType: 'submit', loading: state.busy, class: 'login-button' }, () => t('登录')),
        ]),
      ]),
    ]);
  },
};

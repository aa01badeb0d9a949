// A key that the server tells this once: shown until its owner says that he has it.
import { t } from './text.js';

const { h } = window.Vue;
const { ElMessageBox } = window.ElementPlus;

export function showSecret(title, secret) {
  const select = (event) => event.target.select();
  return ElMessageBox.alert(h('div', { class: 'secret' }, [
    h('p', t('密钥只显示这一次，关闭后无法再次查看，请立即保存。')),
    h('input', { class: 'secret-text digits', readonly: true, value: secret, 'aria-label': t('密钥'), onFocus: select }),
  ]), title, {
    confirmButtonText: t('我已保存'), showClose: false, closeOnClickModal: false, closeOnPressEscape: false,
  }).catch(() => {});
}

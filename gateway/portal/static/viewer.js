// A PDF on the screen: 查看. Asked for first, so that a refusal is said in words and not in an empty frame.
import { addressOf, download, probe } from './api.js';
import { route } from './route.js';
import { t } from './text.js';
import { failure, warning } from './toast.js';

const { h, reactive, watch } = window.Vue;
const { ElButton, ElDialog } = window.ElementPlus;
const current = reactive({ open: false, title: '', path: '' });

export async function showPdf(path, title) {
  try {
    await probe(path);
    Object.assign(current, { open: true, title, path });
  } catch (error) {
    if (error.status === 409 || error.status === 404) warning(error); else failure(error);
  }
}

const saving = (path) => `${path}${path.includes('?') ? '&' : '?'}download=true`;

export const PdfViewer = {
  setup() {
    watch(() => route.url, () => { current.open = false; });
    const save = async () => { try { await download(saving(current.path)); } catch (error) { failure(error); } };
    return () => h(ElDialog, {
      modelValue: current.open, 'onUpdate:modelValue': (open) => { current.open = open; }, title: current.title, width: 'min(1000px, 94vw)', top: '3vh',
      destroyOnClose: true, class: 'pdf-dialog',
    }, {
      default: () => (current.open ? h('iframe', { class: 'pdf-frame', src: addressOf(current.path), title: current.title }) : null),
      footer: () => h('div', { class: 'dialog-footer' }, [
        h('a', { class: 'el-button', href: addressOf(current.path), target: '_blank', rel: 'noopener' }, t('在新窗口打开')),
        h(ElButton, { onClick: save }, () => t('下载')),
        h(ElButton, { type: 'primary', onClick: () => { current.open = false; } }, () => t('关闭')),
      ]),
    });
  },
};

// One scan: its verdict, what was found on which page, the page's picture with the places marked, and the original beside it.
import { openAction } from './action.js';
import { download, explain, get, listen } from './api.js';
import { labelOf, prepare } from './fields.js';
import { icon } from './icons.js';
import { href } from './plain.js';
import { route } from './route.js';
import { drawTag } from './tag.js';
import { language, saidIn, t, thousands, time } from './text.js';
import { failure } from './toast.js';

const { h, nextTick, onBeforeUnmount, reactive, ref, watch } = window.Vue;
const { ElAlert, ElButton, ElProgress, ElSkeleton } = window.ElementPlus;
const OPTIONS = ['scan_outcomes', 'issued_form_kinds', 'scan_decisions'];
const AGAIN = 2000;
const WIDTH = 210;
const HEIGHT = 297;
const ZOOMS = [1, 1.5, 2, 3, 4];
const ALERTS = { passed: 'success', differs: 'error', unclear: 'warning', refused: 'error' };

const tag = (outcome) => drawTag('scan_outcomes', outcome);
const troubles = (scan) => scan.findings.filter((finding) => finding.weight !== 'note');
const percent = (part, whole) => `${(part * 100) / whole}%`;

function facts(scan) {
  const glyphs = scan.pages.reduce((sum, page) => sum + page.glyphs, 0);
  const dpi = scan.pages.map((page) => page.dpi).filter(Boolean);
  const rows = [
    [t('单据种类'), labelOf('issued_form_kinds', scan.kind)], [t('单位'), scan.unit_name || scan.unit], [t('版次'), String(scan.revision)],
    [t('上传人'), scan.uploaded_by_name], [t('上传时间'), time(scan.uploaded_at)], [t('核验时间'), time(scan.judged_at)],
    [t('比对页数'), scan.pages.length ? thousands(scan.pages.length) : ''], [t('比对字符数'), glyphs ? thousands(glyphs) : ''],
    [t('有效公章'), scan.judged_at ? t('{count} 枚', { count: scan.seals }) : ''], [t('实测分辨率'), dpi.length ? `${Math.min(...dpi)} dpi` : ''],
  ];
  if (scan.comparison) rows.push([t('印鉴比对'), saidIn(scan.comparison)]);
  if (scan.decided_at) {
    rows.push([t('程序结论'), labelOf('scan_outcomes', scan.verdict)], [t('判定人'), scan.decided_by_name], [t('判定时间'), time(scan.decided_at)], [t('判定依据'), scan.remark]);
  }
  return h('dl', { class: 'facts card-facts' }, rows.map(([label, value]) => h('div', { class: 'fact', key: label }, [h('dt', label), h('dd', value || '-')])));
}

const refusedFor = (finding) => (!finding ? '' : language.code === 'en' ? saidIn(finding) : finding.advice || finding.message);

function verdict(scan) {
  const count = troubles(scan).length;
  const said = {
    passed: t('通过：内容与签发的单据一致，公章齐全'),
    differs: t('不一致：发现 {count} 处问题', { count }),
    unclear: t('看不清：有 {count} 处不能确认。请按提示重新扫描，或由另一位有权限的人员对照原件判定', { count }),
    refused: t('无法处理：{reason}', { reason: refusedFor(scan.findings[0]) }),
  };
  const decided = scan.decided_at
    ? t('{name} 已判定：{outcome}', { name: scan.decided_by_name, outcome: labelOf('scan_decisions', scan.outcome) }) : '';
  return h(ElAlert, { type: ALERTS[scan.outcome], showIcon: true, closable: false, role: 'status', title: decided || said[scan.outcome] });
}

function waiting(job) {
  const total = job?.total || 0;
  return h('section', { class: 'card scan-waiting', 'aria-label': t('核验进度'), 'aria-live': 'polite' }, [
    h('p', !job || job.state === 'queued' ? t('正在排队，各单位轮流核验…') : t('正在逐页核验：第 {done} / {total} 页', { done: Math.min(job.done + 1, total || 1), total: total || 1 })),
    h(ElProgress, {
      percentage: total ? Math.min(99, Math.floor((job.done * 100) / total)) : 0, indeterminate: !total, duration: 2, strokeWidth: 8, 'aria-label': t('进度'),
    }),
    h('p', { class: 'hint' }, t('可以离开此页，核验会在后台完成，结果在“核验记录”中查看。')),
  ]);
}

// The place of a finding on a picture of the page; on the scan, which lies a little askew, it only says where to scroll.
function place(finding, chosen, visible) {
  const [x, y, width, height] = finding.box;
  return h('span', {
    key: finding.index, class: ['mark', finding.weight, { chosen, visible }], 'aria-hidden': 'true', 'data-finding': finding.index,
    style: { left: percent(x - 1, WIDTH), top: percent(y - 1, HEIGHT), width: percent(width + 2, WIDTH), height: percent(height + 2, HEIGHT) },
  });
}

export default {
  props: { page: { type: Object, required: true } },
  setup(props) {
    const state = reactive({ scan: null, job: null, error: '', shown: 0, beside: false, zoom: 0, finding: -1, tries: 0 });
    const viewer = ref(null);
    let stop = new AbortController();

    async function follow(id, signal) {
      while (state.scan?.outcome === 'waiting' && !signal.aborted) {
        try {
          await listen(`/jobs/documents-${id}/events`, (job) => { if (!signal.aborted) state.job = job; }, signal);
        } catch (error) {
          if (signal.aborted) return;
        }
        await new Promise((resume) => { setTimeout(resume, state.job?.state === 'done' ? 0 : AGAIN); });
        if (!signal.aborted) state.scan = await get(`/scans/${id}`).catch(() => state.scan);
      }
      if (!signal.aborted) open();
    }

    // The first page with something to see, and the first place on it that can be framed, in view and enlarged.
    function open() {
      const { scan } = state;
      if (!scan || !scan.pages.length) return;
      const all = troubles(scan);
      const first = all.find((finding) => finding.scan_page && finding.box) || all.find((finding) => finding.scan_page);
      state.shown = first ? first.scan_page : scan.pages[0].scan_page;
      state.beside = scan.pages.some((page) => page.original);
      if (!first?.box || scan.decided_at) return;
      state.finding = scan.findings.indexOf(first);
      state.zoom = 2;
      show();
    }

    // Scrolls both pictures to the chosen place; a picture that is still loading does it once it is there.
    async function show() {
      await nextTick();
      viewer.value?.querySelectorAll(`[data-finding="${state.finding}"]`).forEach((mark) => {
        const sheet = mark.closest('.sheet');
        sheet.scrollTo(mark.offsetLeft + mark.offsetWidth / 2 - sheet.clientWidth / 2, mark.offsetTop + mark.offsetHeight / 2 - sheet.clientHeight / 2);
      });
    }

    // One picture is moved, the other follows: both show the same place at the same size.
    function follows(event) {
      const moved = event.currentTarget;
      viewer.value?.querySelectorAll('.sheet').forEach((other) => {
        if (other === moved) return;
        if (Math.abs(other.scrollLeft - moved.scrollLeft) > 1) other.scrollLeft = moved.scrollLeft;
        if (Math.abs(other.scrollTop - moved.scrollTop) > 1) other.scrollTop = moved.scrollTop;
      });
    }

    // Enlarges about what is in the middle of the picture, or about the chosen place.
    async function zoom(step) {
      const sheet = viewer.value?.querySelector('.sheet');
      if (!sheet) return;
      const before = ZOOMS[state.zoom];
      const [x, y] = [sheet.scrollLeft + sheet.clientWidth / 2, sheet.scrollTop + sheet.clientHeight / 2];
      state.zoom = Math.max(0, Math.min(ZOOMS.length - 1, state.zoom + step));
      if (state.finding >= 0) { show(); return; }
      await nextTick();
      const share = ZOOMS[state.zoom] / before;
      sheet.scrollTo(x * share - sheet.clientWidth / 2, y * share - sheet.clientHeight / 2);
    }

    async function load() {
      const { id } = route.params;
      if (route.key !== 'scan' || !id) return;
      stop.abort();
      stop = new AbortController();
      const { signal } = stop;
      Object.assign(state, { scan: null, job: null, error: '', finding: -1, zoom: 0, tries: 0 });
      try {
        const [scan] = await Promise.all([get(`/scans/${encodeURIComponent(id)}`), prepare(OPTIONS.map((name) => ({ options: name })))]);
        if (signal.aborted) return;
        state.scan = scan;
        if (scan.outcome === 'waiting') await follow(id, signal);
        else open();
      } catch (error) {
        if (!signal.aborted) state.error = explain(error);
      }
    }
    watch(() => route.url, load, { immediate: true });
    document.addEventListener('keydown', pressed);
    onBeforeUnmount(() => { stop.abort(); document.removeEventListener('keydown', pressed); });

    async function choose(finding) {
      state.finding = finding.index;
      if (finding.scan_page) state.shown = finding.scan_page;
      if (finding.box && state.zoom === 0) state.zoom = 2;
      await show();
      document.querySelector(`.finding[data-index="${finding.index}"]`)?.scrollIntoView({ block: 'nearest' });
    }

    // J and K go through the findings, + and - enlarge, [ and ] turn pages, D decides. Not while somebody types.
    const KEYS = {
      j: () => step(1), k: () => step(-1), '+': () => zoom(1), '=': () => zoom(1), '-': () => zoom(-1), '[': () => turn(-1), ']': () => turn(1),
      d: () => { const action = (props.page.actions || []).find((item) => state.scan.can.includes(item.can)); if (action) decide(action); },
    };

    function pressed(event) {
      if (route.key !== 'scan' || !state.scan || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.('input, textarea, select, [contenteditable], .el-dialog, .el-overlay')) return;
      const act = KEYS[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    }

    function step(by) {
      const found = state.scan.findings.map((item, index) => ({ ...item, index }));
      if (!found.length) return;
      const next = state.finding < 0 ? (by > 0 ? 0 : found.length - 1) : (state.finding + by + found.length) % found.length;
      if (next !== state.finding) choose(found[next]);
    }

    function turn(by) {
      const numbers = state.scan.pages.map((page) => page.scan_page);
      const at = numbers.indexOf(state.shown) + by;
      if (at >= 0 && at < numbers.length) state.shown = numbers[at];
    }

    // The pictures come with the cookie of the login, which may have run out: any question to the server renews it.
    async function again() {
      if (state.tries > 2) return;
      try { await get(`/scans/${state.scan.id}`); state.tries += 1; } catch (error) { failure(error); }
    }

    const fetchFile = (path) => download(path).catch(failure);
    const decide = (action) => openAction({ action, row: state.scan, done: load });

    function head(scan) {
      const actions = (props.page.actions || []).filter((action) => scan.can.includes(action.can));
      return h('section', { class: 'card card-head', 'aria-label': t('核验结果') }, [
        h('header', [
          h('h1', { class: 'digits' }, scan.number), tag(scan.outcome),
          h('div', { class: 'scan-buttons push' }, [
            ...actions.map((action) => h(ElButton, { key: action.label, type: 'primary', onClick: () => decide(action) }, () => action.label)),
            h(ElButton, { onClick: () => fetchFile(`/issued-forms/${encodeURIComponent(scan.number)}/revisions/${scan.revision}/file`) }, () => t('下载原件')),
            h(ElButton, { onClick: () => fetchFile(`/scans/${scan.id}/file`) }, () => t('下载扫描件')),
            h('a', { class: 'el-button', href: href('scans') }, [icon('back', 15), h('span', t('返回'))]),
          ]),
        ]),
        scan.outcome === 'waiting' ? null : verdict(scan),
        facts(scan),
      ]);
    }

    const finding = (item) => h('li', { key: item.index }, h('button', {
      type: 'button', 'data-index': item.index, class: ['finding', item.weight, { chosen: state.finding === item.index }], 'aria-pressed': String(state.finding === item.index), onClick: () => choose(item),
    }, [h('span', { class: 'dot', 'aria-hidden': 'true' }), h('span', saidIn(item))]));

    function picture(page, side, label, marks) {
      return h('figure', { class: 'scan-figure', key: side }, [
        h('figcaption', label),
        h('div', { class: 'sheet', tabindex: 0, role: 'group', 'aria-label': label, onScroll: follows }, [
          h('div', { class: ['sheet-inner', { whole: state.zoom === 0 }], style: state.zoom ? { width: `${ZOOMS[state.zoom] * 100}%` } : {} }, [
            h('img', { key: `${page.links[side]}/${state.tries}`, src: page.links[side], alt: label, onError: again, onLoad: show }),
            ...marks.filter((item) => item.box).map((item) => place(item, state.finding === item.index, side === 'original')),
          ]),
        ]),
      ]);
    }

    function pages(scan, found) {
      const page = scan.pages.find((item) => item.scan_page === state.shown) || scan.pages[0];
      const here = found.filter((item) => item.scan_page === page.scan_page);
      const tabs = scan.pages.length > 1 ? scan.pages.map((item) => {
        const count = found.filter((one) => one.scan_page === item.scan_page && one.weight !== 'note').length;
        return h('button', {
          key: item.scan_page, type: 'button', class: ['page-tab', { active: item === page, troubled: count }], 'aria-pressed': String(item === page),
          onClick: () => { state.shown = item.scan_page; },
        }, count ? t('第 {page} 页（{count}）', { page: item.scan_page, count }) : t('第 {page} 页', { page: item.scan_page }));
      }) : [];
      const press = (label, on, toggle) => h(ElButton, { class: { pressed: on }, 'aria-pressed': String(on), onClick: toggle }, () => label);
      return h('section', { class: 'card scan-viewer', 'aria-label': t('页面图像'), ref: viewer }, [
        h('div', { class: 'bar' }, [
          h('div', { class: 'bar-left' }, tabs),
          h('div', { class: 'bar-right' }, [
            page.original ? press(t('与原件对照'), state.beside, () => { state.beside = !state.beside; }) : null,
            h('span', { class: 'quiet keys', title: t('J、K 前后一条问题；+、- 缩放；[、] 翻页；D 判定') }, t('快捷键 J K + - [ ] D')),
            h(ElButton, { 'aria-label': t('缩小'), title: t('缩小'), disabled: state.zoom === 0, onClick: () => zoom(-1) }, () => '−'),
            h('span', { class: 'digits zoom', role: 'status' }, `${Math.round(ZOOMS[state.zoom] * 100)}%`),
            h(ElButton, { 'aria-label': t('放大'), title: t('放大'), disabled: state.zoom === ZOOMS.length - 1, onClick: () => zoom(1) }, () => '+'),
          ]),
        ]),
        h('div', { class: ['figures', { two: state.beside && page.original }] }, [
          picture(page, 'marked', t('扫描件第 {page} 页', { page: page.scan_page }), here),
          state.beside && page.original ? picture(page, 'original', t('原件第 {page} 页', { page: page.page }), here) : null,
        ]),
      ]);
    }

    return () => {
      if (state.error) {
        return h(ElAlert, { type: 'error', title: t('加载失败：{reason}', { reason: state.error }), showIcon: true, closable: false },
          () => h(ElButton, { size: 'small', onClick: load }, () => t('重试')));
      }
      const { scan } = state;
      if (!scan) return h(ElSkeleton, { rows: 8, animated: true, class: 'card' });
      const found = scan.findings.map((item, index) => ({ ...item, index }));
      return h('div', { class: 'scan-page' }, [
        head(scan),
        scan.outcome === 'waiting' ? waiting(state.job) : null,
        scan.pages.length ? h('div', { class: ['scan-body', { clear: !found.length }] }, [
          found.length ? h('section', { class: 'card findings', 'aria-label': t('发现的问题') }, [
            h('header', [h('h2', t('发现的问题')), h('span', { class: 'quiet' }, t('共 {count} 条', { count: found.length }))]),
            h('ol', found.map(finding)),
          ]) : null,
          pages(scan, found),
        ]) : null,
      ]);
    };
  },
};

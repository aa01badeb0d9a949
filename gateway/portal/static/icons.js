// A dozen line icons, 24 × 24; an icon package would weigh more than the portal.
const { h } = window.Vue;

const PATHS = {
  home: 'M4 11l8-7 8 7v9a1 1 0 0 1-1 1h-5v-6h-4v6H5a1 1 0 0 1-1-1z',
  collect: 'M12 3v6m0 6v6M3 12h6m6 0h6M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  card: 'M7 3h7l5 5v12a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM9 12h7v6H9z',
  serial: 'M4 6v12M8 6v12M11 6v12M15 6v12M17 6v12M20 6v12',
  system: 'M4 7h10m4 0h2M4 17h2m4 0h10M16 5v4M8 15v4',
  chevron: 'M9 6l6 6-6 6',
  fold: 'M4 6h16M10 12h10M4 18h16M7 9l-3 3 3 3',
  columns: 'M4 5h16v14H4zM9.5 5v14M14.5 5v14',
  density: 'M4 6h16M4 10h16M4 14h16M4 18h16',
  refresh: 'M19 12a7 7 0 1 1-2.1-5M19 4v4h-4',
  copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
  done: 'M5 12l5 5 9-10',
  first: 'M18 6l-6 6 6 6M7 6v12',
  previous: 'M15 6l-6 6 6 6',
  next: 'M9 6l6 6-6 6',
  last: 'M6 6l6 6-6 6M17 6v12',
  export: 'M12 4v11m-4-4l4 4 4-4M5 20h14',
  tasks: 'M9 6h11M9 12h11M9 18h11M4 6l1 1 2-2M4 12l1 1 2-2M4 18l1 1 2-2',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c1-4 4-6 8-6s7 2 8 6',
  down: 'M6 9l6 6 6-6',
  file: 'M7 3h7l5 5v12a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM14 3v5h5',
  back: 'M10 6l-6 6 6 6M4 12h16',
  bell: 'M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5',
  alert: 'M12 4l9 16H3zM12 10v4M12 17v.5',
};

export const icon = (name, size = 16) => h('svg', {
  class: 'icon', viewBox: '0 0 24 24', width: size, height: size, 'aria-hidden': 'true', focusable: 'false',
}, [h('path', { d: PATHS[name] })]);

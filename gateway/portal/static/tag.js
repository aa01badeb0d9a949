// A state as a coloured word: the same colour in lists, tiles, charts and dialogs. The word always stands in it.
import { labelOf, toneOf } from './fields.js';

const { h } = window.Vue;

// In the classes of Element Plus' tag: as a component for each, two hundred in a table took longer than all its other cells.
export const drawTag = (options, value, label = labelOf(options, value)) => h('span', {
  class: `el-tag el-tag--${toneOf(value)} el-tag--small el-tag--light state state-${value}`,
}, h('span', { class: 'el-tag__content' }, label));

// The colour of a card's state as the stylesheet says it; null for what has none of its own.
export const colourOf = (state) => window.getComputedStyle(document.documentElement).getPropertyValue(`--state-${state}`).trim() || null;

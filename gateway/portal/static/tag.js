// A state as a coloured word: the same colour in lists, tiles, charts and dialogs. The word always stands in it.
import { labelOf, toneOf } from './fields.js';

const { h } = window.Vue;
const { ElTag } = window.ElementPlus;

export const drawTag = (options, value, label = labelOf(options, value)) => h(ElTag, {
  type: toneOf(value), size: 'small', disableTransitions: true, class: `state state-${value}`,
}, () => label);

// The colour of a card's state as the stylesheet says it; null for what has none of its own.
export const colourOf = (state) => window.getComputedStyle(document.documentElement).getPropertyValue(`--state-${state}`).trim() || null;

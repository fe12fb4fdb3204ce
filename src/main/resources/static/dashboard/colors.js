// Colours of the style sheet for what is drawn on a canvas. A canvas needs plain colours, and the style sheet has one
// value for light and one for dark.

const probe = document.createElement('span');
let known = new Map();

/** @param name of a custom property of the style sheet, without the two dashes */
export function color(name) {
  if (!known.has(name)) {
    if (!probe.isConnected) {
      probe.hidden = true;
      document.body.append(probe);
    }
    probe.style.color = `var(--${name})`;
    known.set(name, getComputedStyle(probe).color);
  }
  return known.get(name);
}

/** The same colour, but with this opacity. */
export const faded = (name, alpha) => `rgb(${color(name).match(/[\d.]+/g).slice(0, 3).join(' ')} / ${alpha})`;

export const fontFamily = () => getComputedStyle(document.body).fontFamily;

/** Calls this now and whenever the colours have changed. */
export function onColors(change) {
  document.addEventListener('theme', change);
  change();
}

function forget() {
  known = new Map();
  document.dispatchEvent(new CustomEvent('theme'));
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', forget);
document.addEventListener('theme-chosen', forget);

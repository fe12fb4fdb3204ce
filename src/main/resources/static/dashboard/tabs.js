import {byId} from './dom.js';

// Tabs as the ARIA practices describe them: arrow keys, Home and End move, and what has the focus is shown. The address
// remembers the tab, so that a link or a reload leads to it.

const tabs = [...document.querySelectorAll('[role=tab]')];

// Not the panel's id: the browser would move the focus there.
const hash = tab => `#/${tab.getAttribute('aria-controls')}`;

export function select(tab, focus) {
  for (const each of tabs) {
    const chosen = each === tab;
    each.setAttribute('aria-selected', String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    byId(each.getAttribute('aria-controls')).hidden = !chosen;
  }
  if (focus) tab.focus();
  history.replaceState(null, '', hash(tab));
  document.dispatchEvent(new CustomEvent('tab'));
}

export function startTabs() {
  const next = {ArrowRight: i => (i + 1) % tabs.length, ArrowLeft: i => (i + tabs.length - 1) % tabs.length,
    Home: () => 0, End: () => tabs.length - 1};
  tabs.forEach((tab, i) => {
    tab.addEventListener('click', () => select(tab, false));
    tab.addEventListener('keydown', event => {
      if (next[event.key]) {
        event.preventDefault();
        select(tabs[next[event.key](i)], true);
      }
    });
  });
  const asked = tabs.find(tab => hash(tab) === location.hash);
  if (asked) select(asked, false);
}

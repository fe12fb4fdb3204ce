import {asked, remember} from './address.js';
import {byId} from './dom.js';

// Tabs as the ARIA practices describe them: arrow keys, Home and End move, and what has the focus is shown.

const tabs = [...document.querySelectorAll('[role=tab]')];
/** Links of before keep working. */
const OLD_NAMES = {line: 'queue'};

const nameOf = tab => tab.getAttribute('aria-controls');
const named = name => tabs.find(tab => nameOf(tab) === (OLD_NAMES[name] ?? name));

export function select(tab, focus) {
  for (const each of tabs) {
    const chosen = each === tab;
    each.setAttribute('aria-selected', String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    byId(nameOf(each)).hidden = !chosen;
  }
  document.body.dataset.tab = nameOf(tab);
  if (focus) tab.focus();
  remember({tab: nameOf(tab)});
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
  for (const button of document.querySelectorAll('[data-leads-to]')) {
    button.addEventListener('click', () => select(named(button.dataset.leadsTo), true));
  }
  window.addEventListener('hashchange', () => {
    const tab = named(asked().tab);
    if (tab && tab.getAttribute('aria-selected') !== 'true') select(tab, false);
  });
  const tab = named(asked().tab);
  if (tab) select(tab, false);
  else document.body.dataset.tab = 'overview';
}

// What the address remembers after its #: the tab and the time of the charts, as in #/traffic&1h. A link or a reload leads
// there again.

/** @returns {{tab: string, range?: string}} */
export function asked() {
  const [tab, range] = location.hash.replace(/^#\/?/, '').split('&');
  return {tab, range: range?.replace(/^range=/, '')};
}

export function remember(part) {
  const {tab, range} = {...asked(), ...part};
  const hash = tab || range ? `#/${tab || 'overview'}${range ? `&${range}` : ''}` : '';
  if (hash !== location.hash) history.replaceState(null, '', hash || location.pathname + location.search);
}

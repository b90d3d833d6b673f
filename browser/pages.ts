type Tell = (name: 'page_view', fields?: { referrer: undefined }) => void;

/**
 * Reports each page view: the first page, pages of a single-page application, and pages reached with Back or
 * Forward.
 */
export function watchPages(tell: Tell): void {
  // The part after # is a place on the same page.
  const here = () => location.pathname + location.search;
  let seen: string | undefined;
  const look = () => {
    if (seen === here()) return;
    seen = here();
    tell('page_view');
  };
  for (const method of ['pushState', 'replaceState'] as const) {
    const original = history[method];
    history[method] = function (this: History, ...args) {
      original.apply(this, args);
      look();
    };
  }
  addEventListener('popstate', look);
  // Restored from the back/forward cache: the page is viewed again, but its old referrer did not lead here.
  addEventListener('pageshow', (event) => {
    if (event.persisted) tell('page_view', { referrer: undefined });
  });
  look();
}

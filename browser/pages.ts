type Tell = (name: 'page_view', fields?: { referrer: undefined }) => void;

/** Tells of each page that is seen: the first, those of a program that changes the address, and those gone back to. */
export function watchPages(tell: Tell): void {
  // What comes behind # is a place on the page.
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
  // Out of the back/forward cache: the page was left and is seen again. What led to it first did not do so now.
  addEventListener('pageshow', (event) => {
    if (event.persisted) tell('page_view', { referrer: undefined });
  });
  look();
}

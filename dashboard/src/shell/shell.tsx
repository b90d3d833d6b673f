import { useState } from 'preact/hooks';
import icon from '../icon.svg';
import { pageOf, pages } from '../pages/pages.ts';
import { Guard } from '../parts/guard.tsx';
import { useSession } from '../session/session.ts';
import { hrefOf, useView } from '../view/view.ts';
import { Freshness } from './freshness.tsx';
import { Help } from './help.tsx';
import { NowLink } from './now-link.tsx';
import { PeriodPicker } from './period-picker.tsx';
import { SearchBox } from './search-box.tsx';
import { ShareButton } from './share.tsx';
import { useShortcuts } from './shortcuts.ts';
import { SitePicker } from './site-picker.tsx';
import { ThemeButton } from './theme.tsx';

/** What stands around every page: where one is, how new the numbers are, and the way elsewhere. */
export function Shell() {
  const view = useView();
  const { kind, signOut } = useSession();
  const [isHelpOpen, setHelpOpen] = useState(false);
  useShortcuts({ help: () => setHelpOpen(true) });
  const page = pageOf(view.path);
  const isWall = view.query.wall === '1';
  const { Body } = page;
  return (
    <div class={isWall ? 'shell wall' : 'shell'}>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the numbers
      </button>
      <header class="top">
        <a class="brand" href={hrefOf(['overview'])}>
          <img src={icon} alt="Footfall" width="24" height="24" />
          <span class="word" aria-hidden="true">
            Footfall
          </span>
        </a>
        <SitePicker />
        <nav aria-label="Pages">
          {pages
            .filter(({ label, for: who }) => label && who(kind))
            .map(({ id, label }) => (
              <a key={id} href={hrefOf([id])} aria-current={page.id === id ? 'page' : undefined}>
                {label}
              </a>
            ))}
        </nav>
        <SearchBox />
        <div class="tools">
          <ShareButton />
          <ThemeButton />
          <button type="button" class="plain" onClick={() => setHelpOpen(true)} aria-label="Keys and help">
            ?
          </button>
          <button type="button" class="plain" onClick={signOut}>
            Sign out
          </button>
        </div>
      </header>
      <section class="bar" aria-label="Days, and how new the numbers are">
        {page.hasPeriod && <PeriodPicker />}
        {page.id === 'overview' && <NowLink />}
        <Freshness />
      </section>
      <main id="main" tabIndex={-1}>
        <Guard key={view.path.join('/')}>
          <Body path={view.path.slice(1)} />
        </Guard>
      </main>
      {isHelpOpen && <Help onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

import icon from '../icon.svg';
import { NewSite } from '../pages/settings/new-site.tsx';
import { go } from '../view/view.ts';
import '../styles/sign-in.css';

/** What an installation without sites shows: a form that makes the first one. */
export function FirstSite(props: { refresh(): Promise<void>; signOut(): void }) {
  const open = async (site: string) => {
    go(['settings', 'events'], { site });
    await props.refresh();
  };
  return (
    <main class="sign-in first-site">
      <header>
        <img src={icon} alt="" width="48" height="48" />
        <h1>Make the first site</h1>
        <p class="quiet">A site is one shop, with a time zone, a currency and keys of its own.</p>
      </header>
      <section class="card" aria-label="New site">
        <NewSite onOpen={open} />
      </section>
      <button type="button" class="plain" onClick={props.signOut}>
        Sign out
      </button>
    </main>
  );
}

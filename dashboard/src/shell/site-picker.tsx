import { useSession } from '../session/session.ts';
import { setQuery } from '../view/view.ts';

/** The site that is looked at; a choice where the key sees several. */
export function SitePicker() {
  const { sites, site } = useSession();
  if (sites.length < 2) return <span class="site">{site.name}</span>;
  return (
    <select
      aria-label="Site"
      value={site.id}
      onChange={(event) => setQuery({ site: event.currentTarget.value })}
    >
      {sites.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

import { Scrolls } from './scrolls.tsx';

interface Bar {
  /** What the bar is about, such as its minute. */
  label: string;
  value: number;
  /** The value as text. */
  text: string;
}

/**
 * Bars of a fixed height, the newest on the right, and the same numbers as a table. The last bar is not over, so it is
 * drawn lighter.
 * @param props.first @param props.last what stands under the two ends.
 */
export function Bars(props: { label: string; bars: readonly Bar[]; first: string; last: string }) {
  const { label, bars } = props;
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return (
    <figure class="bars">
      <div role="img" aria-label={`${label}. The table below has its numbers.`}>
        {bars.map((bar) => (
          <span key={bar.label} title={`${bar.label}: ${bar.text}`}>
            <i style={{ '--part': `${Math.max(0, bar.value / most) * 100}%` }} />
          </span>
        ))}
      </div>
      <p class="quiet" aria-hidden="true">
        <span>{props.first}</span>
        <span>most: {bars.find(({ value }) => value === most)?.text ?? 0}</span>
        <span>{props.last}</span>
      </p>
      <details>
        <summary>Show as a table</summary>
        <Scrolls label={label}>
          <table>
            <caption class="unseen">{label}</caption>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col" class="number">
                  Number
                </th>
              </tr>
            </thead>
            <tbody>
              {bars.map((bar) => (
                <tr key={bar.label}>
                  <th scope="row">{bar.label}</th>
                  <td class="number">{bar.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      </details>
    </figure>
  );
}

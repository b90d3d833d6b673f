import { useRef, useState } from 'preact/hooks';
import { formatTime } from '../../format/dates.ts';
import { formatEvent } from '../../format/events.ts';
import { formatMoney } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { useSession } from '../../session/session.ts';
import { hrefOf } from '../../view/view.ts';
import { keyOf, type Newest, useStream } from './use-stream.ts';

/** The newest interactions, streaming in at the top unless the pointer, the focus or the scrolling is in them. */
export function Stream({ isWall }: { isWall: boolean }) {
  const list = useRef<HTMLDivElement>(null);
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const [isScrolled, setScrolled] = useState(false);
  const { answer, shown, waiting, said } = useStream(isPointed || isFocused || isScrolled);
  return (
    <Card
      title="As it happens"
      actions={
        <span class="quiet held">
          {waiting > 0 ? `${waiting} new; they wait until you leave the list` : 'Newest first'}
        </span>
      }
    >
      <p class="unseen" role="status">
        {said}
      </p>
      <Answered answer={answer} lines={14}>
        {() => (
          <section
            class="stream"
            ref={list}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            tabIndex={0}
            aria-label="Newest interactions"
            onPointerEnter={({ pointerType }) => setPointed(pointerType === 'mouse')}
            onPointerLeave={() => setPointed(false)}
            onFocusCapture={() => setFocused(true)}
            onBlurCapture={({ relatedTarget }) =>
              setFocused(list.current?.contains(relatedTarget as Node | null) ?? false)
            }
            onScroll={({ currentTarget }) => setScrolled(currentTarget.scrollTop > 4)}
          >
            {shown.length === 0 ? (
              <p class="empty">
                Nothing in the last half hour. As soon as the shop sends an event, it appears here.
              </p>
            ) : (
              <ol class="timeline">
                {shown.map((one) => (
                  <Row key={keyOf(one)} one={one} isWall={isWall} />
                ))}
              </ol>
            )}
          </section>
        )}
      </Answered>
    </Card>
  );
}

/** Everybody in the room reads the wall, so it names no person. */
function Row({ one, isWall }: { one: Newest; isWall: boolean }) {
  const { site } = useSession();
  const { product_id, product_name, lines = 1, value, page, search_term, user_id } = one;
  const of = [one.country, one.device].filter(Boolean).join(', ');
  return (
    <li>
      <time dateTime={one.at}>{formatTime(one.at, site.zone, true)}</time>
      <div class="told">
        <strong title={one.name}>{formatEvent(one.name)}</strong>{' '}
        {search_term !== undefined && <>“{search_term}” </>}
        {product_id !== undefined && (
          <a href={hrefOf(['products', product_id])}>{product_name ?? product_id}</a>
        )}
        {lines > 1 && <> and {lines - 1} more</>}
        {value && <Value name={one.name} {...value} />}
        {product_id === undefined && search_term === undefined && page !== undefined && (
          <span class="quiet">{page}</span>
        )}
        <span class="quiet by">
          {!isWall && <Person id={user_id} />}
          {!isWall && of !== '' && ' · '}
          {of}
        </span>
      </div>
    </li>
  );
}

/** What was paid, or what the products cost that were looked at. */
function Value({ name, amount_minor, currency }: NonNullable<Newest['value']> & { name: string }) {
  const text = formatMoney(amount_minor, currency);
  return name === 'purchase' ? <> for {text}</> : <span class="quiet"> {text}</span>;
}

function Person({ id }: { id: string | undefined }) {
  return id === undefined ? <>No person</> : <a href={hrefOf(['people', id])}>{id}</a>;
}

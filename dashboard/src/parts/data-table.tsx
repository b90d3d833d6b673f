import type { ComponentChildren } from 'preact';
import { formatCount } from '../format/numbers.ts';
import { Scrolls } from './scrolls.tsx';

export interface Column<Row> {
  label: string;
  /** Text stands left, numbers right. */
  kind?: 'text' | 'number';
  /** Left out at phone width. */
  minor?: boolean;
  /** The heading is a button that sorts by this column. */
  sort?: { isCurrent: boolean; choose(): void };
  cell(row: Row): ComponentChildren;
}

/**
 * A table with the first column as the row's heading.
 * @param props.share a bar behind the first column: the row's part of the largest, 0 to 1.
 * @param props.total rows there are in all, if more than are shown.
 */
export function DataTable<Row>(props: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  share?(row: Row): number;
  total?: number;
  empty?: ComponentChildren;
}) {
  const { columns, rows, share } = props;
  if (rows.length === 0) return <p class="empty">{props.empty ?? 'Nothing in this range.'}</p>;
  const classOf = ({ kind, minor }: Column<Row>) => `${kind ?? 'text'}${minor ? ' minor' : ''}`;
  return (
    <Scrolls label={`${props.caption} (table)`}>
      <table>
        <caption class="unseen">{props.caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.label}
                scope="col"
                class={classOf(column)}
                aria-sort={column.sort?.isCurrent ? 'descending' : undefined}
              >
                {column.sort ? <SortButton label={column.label} {...column.sort} /> : column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={props.rowKey(row)}>
              {columns.map((column, i) =>
                i === 0 ? (
                  <th
                    key={column.label}
                    scope="row"
                    class={classOf(column)}
                    style={share && { '--share': `${Math.max(0, Math.min(1, share(row))) * 100}%` }}
                  >
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.label} class={classOf(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {props.total !== undefined && props.total > rows.length && (
        <p class="quiet">
          {formatCount(rows.length)} of {formatCount(props.total)}
        </p>
      )}
    </Scrolls>
  );
}

function SortButton({ label, isCurrent, choose }: { label: string } & NonNullable<Column<unknown>['sort']>) {
  return (
    <button type="button" class="sort" onClick={choose} title={`Sort by ${label}`}>
      {label}
      <span aria-hidden="true">{isCurrent ? ' ▼' : ''}</span>
    </button>
  );
}

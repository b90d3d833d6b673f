import { type Json, type Operation, valueAt } from './json-patch.ts';

/** What a correction changes, before it is sent. */
export function Preview(props: {
  before: Json | undefined;
  after: Json | undefined;
  operations: readonly Operation[];
}) {
  const { before, after, operations } = props;
  return (
    <div class="preview">
      <h3>What changes</h3>
      {before === undefined ? (
        <p class="note">
          {after === undefined
            ? 'Nothing yet.'
            : 'The event above is published instead of what the letter holds.'}
        </p>
      ) : operations.length === 0 ? (
        <p class="note">Nothing yet.</p>
      ) : (
        <>
          <ul class="plain-list">
            {operations.map((operation) => (
              <li key={`${operation.op} ${operation.path}`}>
                <code>{operation.path || '(all of it)'}</code>{' '}
                {operation.op !== 'add' && <del>{JSON.stringify(valueAt(before, operation.path))}</del>}{' '}
                {'value' in operation && <ins>{JSON.stringify(operation.value)}</ins>}
              </li>
            ))}
          </ul>
          <details>
            <summary>JSON Patch that is sent</summary>
            <pre class="content wraps">{JSON.stringify(operations, null, 2)}</pre>
          </details>
        </>
      )}
    </div>
  );
}

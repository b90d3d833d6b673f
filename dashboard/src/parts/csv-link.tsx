import { useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/client.ts';
import { wholeCsv } from '../api/whole-csv.ts';

/** Saves text as a file. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * Saves the table at an address as CSV, with all of its rows. The key goes in a header, so this is no plain link.
 * @param props.address a question, see useAddress.
 */
export function CsvLink({ address, name }: { address: string | undefined; name: string }) {
  const [error, setError] = useState<ApiError>();
  if (address === undefined) return null;
  const save = async () => {
    try {
      saveFile(`${name}.csv`, await wholeCsv(address));
      setError(undefined);
    } catch (problem) {
      setError(asApiError(problem));
    }
  };
  return (
    <button
      type="button"
      class="plain"
      onClick={save}
      title={error?.message}
      aria-label={`Save ${name} as CSV`}
    >
      {error ? 'CSV failed' : 'CSV'}
    </button>
  );
}

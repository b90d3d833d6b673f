import { useState } from 'preact/hooks';
import { type ApiError, errorOf, request } from '../api/client.ts';

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
 * Saves the table at an address as CSV. The key goes in a header, so this is no plain link.
 * @param props.address a question, see useAddress.
 */
export function CsvLink({ address, name }: { address: string | undefined; name: string }) {
  const [error, setError] = useState<ApiError>();
  if (address === undefined) return null;
  const save = async () => {
    try {
      const response = await request(new URL(address, location.origin).href, {
        headers: { accept: 'text/csv' },
      });
      if (!response.ok) throw await errorOf(response);
      saveFile(`${name}.csv`, await response.blob());
      setError(undefined);
    } catch (problem) {
      setError(problem as ApiError);
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

import { TIMEOUT_MS } from './client.ts';

/**
 * The text of a file that belongs to the page, such as the runbook. Fetched and not imported as a module: some browsers
 * remember that a module could not be fetched, and never ask for it again.
 * @param address as Vite gives it for `?url`
 * @param type the beginning of its content type; another one is an answer of something in between
 * @throws Error
 */
export async function readPageFile(address: string, type: string): Promise<string> {
  const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const found = response.headers.get('content-type') ?? '';
  if (!response.ok || !found.startsWith(type)) {
    throw new Error(`${address} cannot be read: ${response.status} ${found}`);
  }
  return response.text();
}

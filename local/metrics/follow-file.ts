import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time between two checks of the file, ms. */
const INTERVAL_MS = 250;
/** Bytes of one read. */
const MAX_BYTES = 1 << 16;

export interface Followed {
  /** Reads what has been written so far. */
  catchUp(): Promise<void>;
  /** Reads the rest and stops. */
  stop(): Promise<void>;
}

/**
 * Passes on what is appended to a file from now on, in pieces that may end anywhere. The file need not exist
 * yet. A file that was moved away is read to its end before the new one of that name; a truncated file is
 * read from its beginning.
 */
export async function followFile(path: string, onPiece: (piece: Buffer) => void): Promise<Followed> {
  const buffer = Buffer.alloc(MAX_BYTES);
  let file: FileHandle | undefined;
  let position = (await stat(path).catch(() => undefined))?.size ?? 0;
  file = await open(path).catch(() => undefined);

  const readOn = async () => {
    if (!file) return;
    if ((await file.stat()).size < position) position = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, MAX_BYTES, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      onPiece(Buffer.from(buffer.subarray(0, bytesRead)));
    }
  };
  const look = async () => {
    await readOn();
    const there = await stat(path).catch(() => undefined);
    if (!there || there.ino === (await file?.stat())?.ino) return;
    await readOn();
    await file?.close();
    file = await open(path).catch(() => undefined);
    position = 0;
    await readOn();
  };

  // One check at a time.
  let looking = Promise.resolve();
  const catchUp = () => {
    looking = looking.catch(() => {}).then(look);
    return looking;
  };
  const done = new AbortController();
  const following = (async () => {
    while (!done.signal.aborted) {
      await sleep(INTERVAL_MS, undefined, { signal: done.signal }).catch(() => {});
      await catchUp().catch(() => {});
    }
  })();
  return {
    catchUp,
    stop: async () => {
      done.abort();
      await following;
      await file?.close();
    },
  };
}

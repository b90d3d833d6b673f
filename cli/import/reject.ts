/** Why a line cannot become an event: one sentence, for the rejects file. */
export class Reject extends Error {
  override readonly name = 'Reject';
}

/** The part of a value that a message shows. */
export const clip = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

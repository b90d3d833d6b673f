/** A browser takes these for steps up in an address, however they are written, so the API can't be asked about them. */
export const isUnaskable = (id: string): boolean => id === '.' || id === '..';

export function Unaskable({ id }: { id: string }) {
  return (
    <>
      <h1>{id}</h1>
      <p class="empty">
        A browser can't ask about an id that is only dots: in an address they mean a step up. Its events count
        in all sums. Give it another id in the events to come.
      </p>
    </>
  );
}

import { formatMoney } from '../../../format/numbers.ts';

interface Amount {
  currency: string;
  minor: number;
}

/** Amounts in the site's currency; those in others stand below, since currencies are never added up. */
export function MoneyCell({ amounts, currency }: { amounts: readonly Amount[]; currency: string }) {
  const own = amounts.find((one) => one.currency === currency);
  const others = amounts.filter((one) => one.currency !== currency && one.minor !== 0);
  return (
    <>
      {own || others.length === 0 ? formatMoney(own?.minor ?? 0, currency) : null}
      {others.map((one) => (
        <div key={one.currency}>{formatMoney(one.minor, one.currency)}</div>
      ))}
    </>
  );
}

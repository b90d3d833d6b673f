import type { Item } from '../event/event.ts';
import { currencyExponent, toMinor } from '../platform/money.ts';
import { DAY_MS, offsetAt } from '../platform/time.ts';
import type { Site } from '../sites/site.ts';
import { Random, seedOf, Weighted, zipf } from './random.ts';

export interface Product {
  id: string;
  name: string;
  brand: string;
  category: string;
  /** Decimal text in the site's currency. */
  price: string;
}

/** A site's shop: its products, where its visitors live, and its local time. */
export interface Shop {
  site: Site;
  /** Best seller first. */
  products: Product[];
  popularity: Weighted;
  countries: readonly string[];
  countryWeights: Weighted;
  /** How far local time is ahead of UTC, as a fraction of a day. */
  clockAhead: number;
}

const PRODUCTS = 400;
const BRANDS = ['Alder', 'Brisa', 'Cobalt', 'Dunwich', 'Estela', 'Fjord', 'Garnet', 'Halcyon'];
const LOOKS = [
  'Linen',
  'Copper',
  'Striped',
  'Nordic',
  'Folding',
  'Vintage',
  'Matte',
  'Woven',
  'Slim',
  'Garden',
];
const KINDS: Record<string, readonly string[]> = {
  kitchen: ['Teapot', 'Pan', 'Cutting Board', 'Mug', 'Jar'],
  living: ['Cushion', 'Throw', 'Vase', 'Lantern', 'Clock'],
  clothing: ['Scarf', 'Jacket', 'Shirt', 'Beanie', 'Socks'],
  outdoor: ['Tent', 'Backpack', 'Flask', 'Hammock', 'Stove'],
  toys: ['Puzzle', 'Kite', 'Train', 'Blocks', 'Doll'],
  office: ['Notebook', 'Lamp', 'Pen', 'Organizer', 'Stool'],
};
export const CATEGORIES = Object.keys(KINDS);

const COUNTRIES = {
  Europe: ['ES', 'FR', 'PT', 'DE', 'GB', 'IT', 'NL'],
  America: ['US', 'CA', 'MX', 'BR', 'GB', 'ES'],
  Asia: ['JP', 'IN', 'KR', 'SG', 'US', 'AU'],
};

/** Builds the shop of a site. Depends on the site only, so every simulation sells the same products. */
export function openShop(site: Site): Shop {
  const random = new Random(seedOf(site.id));
  const continent = site.zone.split('/')[0] as keyof typeof COUNTRIES;
  const countries = COUNTRIES[continent] ?? COUNTRIES.Europe;
  // A price in yen has no decimals, and about two more digits than one in euros.
  const scale = currencyExponent(site.currency) === 0 ? 150 : 1;
  const products = Array.from({ length: PRODUCTS }, (_, n): Product => {
    const category = random.pick(CATEGORIES);
    const whole = Math.ceil((3 + random.exponential(30)) * scale);
    return {
      id: `${site.id}-${String(n + 1).padStart(3, '0')}`,
      name: `${random.pick(LOOKS)} ${random.pick(KINDS[category]!)}`,
      brand: random.pick(BRANDS),
      category,
      price: scale === 1 ? `${whole}.${random.pick(['00', '50', '90', '95', '99'])}` : String(whole),
    };
  });
  return {
    site,
    products,
    popularity: zipf(PRODUCTS),
    countries,
    countryWeights: new Weighted(countries.map((_, rank) => 1 / (rank + 1) ** 1.5)),
    // Standard time is enough: simulated days have no daylight saving.
    clockAhead: offsetAt(Date.UTC(2025, 0, 15), site.zone) / DAY_MS,
  };
}

/** A cart line with some pieces of a product. */
export function lineOf({ site }: Shop, product: Product, quantity: number): Item & { amount: number } {
  const { id, name, brand, category, price } = product;
  return { id, name, brand, category, quantity, amount: toMinor(price, site.currency, quantity) };
}

/** How busy a shop is in each hour of its day, relative to its average: quiet at 4 a.m., busy at 9 p.m. */
const HOURS = [
  0.55, 0.35, 0.22, 0.15, 0.13, 0.18, 0.35, 0.6, 0.85, 1.05, 1.2, 1.25, 1.2, 1.2, 1.15, 1.15, 1.2, 1.3, 1.45,
  1.65, 1.85, 1.9, 1.5, 1,
];
const AVERAGE = HOURS.reduce((sum, weight) => sum + weight, 0) / HOURS.length;

/**
 * How busy a shop is at a time; 1 is its average.
 * @param dayMs length of a simulated day, ms.
 */
export function busyness(shop: Shop, ts: number, dayMs: number): number {
  const day = ts / dayMs + shop.clockAhead;
  const hour = (day - Math.floor(day)) * 24;
  const before = Math.floor(hour);
  const share = hour - before;
  return (HOURS[before]! * (1 - share) + HOURS[(before + 1) % 24]! * share) / AVERAGE;
}

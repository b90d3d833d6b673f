import type { FunctionComponent } from 'preact';
import type { Access } from '../session/session.ts';
import { Customers } from './customers/customers.tsx';
import { Letters } from './letters/letters.tsx';
import { Live } from './live/live.tsx';
import { Orders } from './orders/orders.tsx';
import { Overview } from './overview/overview.tsx';
import { People } from './people/people.tsx';
import { Products } from './products/products.tsx';
import { Search } from './search/search.tsx';
import { Settings } from './settings/settings.tsx';
import { System } from './system/system.tsx';

export interface Page {
  /** The first part of the address. */
  id: string;
  /** In the navigation; undefined: reached by links. */
  label?: string;
  /** Whether the page is about a range of days. */
  hasPeriod: boolean;
  for(kind: Access['kind']): boolean;
  /** @param props.path the parts of the address behind the first. */
  Body: FunctionComponent<{ path: readonly string[] }>;
}

const everyone = () => true;

/** All pages, in the order of the navigation. */
export const pages: readonly Page[] = [
  { id: 'overview', label: 'Overview', hasPeriod: true, for: everyone, Body: Overview },
  { id: 'live', label: 'Live', hasPeriod: false, for: everyone, Body: Live },
  { id: 'products', label: 'Products', hasPeriod: true, for: everyone, Body: Products },
  { id: 'orders', label: 'Orders', hasPeriod: true, for: everyone, Body: Orders },
  { id: 'customers', label: 'Customers', hasPeriod: true, for: everyone, Body: Customers },
  { id: 'people', hasPeriod: false, for: everyone, Body: People },
  { id: 'search', hasPeriod: false, for: everyone, Body: Search },
  { id: 'system', label: 'System', hasPeriod: false, for: everyone, Body: System },
  { id: 'letters', label: 'Dead letters', hasPeriod: false, for: (kind) => kind !== 'read', Body: Letters },
  { id: 'settings', label: 'Settings', hasPeriod: false, for: everyone, Body: Settings },
];

/** The page of an address; the overview where there is none. */
export const pageOf = ([id]: readonly string[]): Page => pages.find((page) => page.id === id) ?? pages[0]!;

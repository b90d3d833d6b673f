import type { FunctionComponent } from 'preact';
import type { Access } from '../session/session.ts';
import { Overview } from './overview/overview.tsx';
import { Settings } from './settings/settings.tsx';

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
  { id: 'settings', label: 'Settings', hasPeriod: false, for: everyone, Body: Settings },
];

/** The page of an address; the overview where there is none. */
export const pageOf = ([id]: readonly string[]): Page => pages.find((page) => page.id === id) ?? pages[0]!;

import type { Site, Sites } from '../../shared/sites.ts';

/**
 * Whether a GA4 measurement id (`G-…`) or Firebase app id is of this site. Both are public: they say which stream
 * a hit is for, and allow nothing but to send.
 */
export const isMeasurementIdOf = (site: Site, id: string): boolean => id === site.id;

/** The site of a measurement id. */
export const siteOfMeasurementId = (sites: Sites, id: string): Site | undefined =>
  sites.all().find((site) => isMeasurementIdOf(site, id));

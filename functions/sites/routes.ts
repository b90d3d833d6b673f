import * as z from 'zod';
import { funnelDefinitionSchema, funnelInput } from '../../shared/funnels/schema.ts';
import {
  dataAnswer,
  type Endpoint,
  jsonBody,
  problemAnswer,
  retryAnswer,
  unauthorizedAnswer,
} from '../../shared/platform/http/endpoint.ts';
import { createFunnel, endFunnel } from '../../shared/sites/manage-funnels.ts';
import {
  changeSite,
  createKey,
  createSite,
  endKey,
  listSites,
  replaceKey,
  showSite,
} from '../../shared/sites/manage-sites.ts';
import { SITE_REFUSED, siteQuery } from '../../shared/sites/reader.ts';
import {
  keyInput,
  newKeyAnswer,
  newSiteAnswer,
  rotatedKeyAnswer,
  rotationInput,
  siteAnswer,
  siteChanges,
  siteInput,
  sitesAnswer,
} from '../../shared/sites/site-schemas.ts';
import type { SitesContext } from '../../shared/sites/sites-context.ts';

const site = z.string().max(64).meta({ description: 'The id of a site', example: 'shoes' });
const key = z.string().max(64).meta({ description: 'The id of a key, not the key itself' });

const byInstallation = { tag: 'sites', access: ['installationKey'] } as const;
const bySite = { tag: 'sites', access: ['installationKey', 'adminKey'] } as const;

const common = {
  401: unauthorizedAnswer('No admin key'),
  503: retryAnswer('Kafka is away, or others are changing sites: the change may have been made'),
};
const commonWithBody = {
  ...common,
  400: problemAnswer('Something is wrong; `errors` says where'),
  413: problemAnswer('Too many bytes'),
  415: problemAnswer('The Content-Encoding is none of gzip, br and deflate'),
};
const needsInstallation = problemAnswer("A site's admin key is not enough here");
const needsMore = problemAnswer(
  "The key is of another site, or a site's admin key is not enough for a key of this kind",
);
const ofAnotherSite = problemAnswer('The key is of another site');
const siteIsOther = problemAnswer(SITE_REFUSED[403]);
const noSite = problemAnswer('There is no such site');
const keyIsMade = 'It is made; the key is shown here and never again';

export const sitesEndpoints: readonly Endpoint<SitesContext>[] = [
  {
    method: 'POST',
    path: '/v1/funnels',
    id: 'define_funnel',
    tag: 'definitions',
    summary: 'Define a funnel of the site',
    description: `At most 20 a site. Events received from \`effective_from\` on are counted. That is five seconds later,
so that every shard counts the same events.`,
    access: ['adminKey', 'installationKey'],
    query: siteQuery,
    body: jsonBody(funnelInput),
    responses: {
      201: dataAnswer('It is defined', funnelDefinitionSchema),
      400: problemAnswer(`The definition is wrong, or ${SITE_REFUSED[400]}`),
      401: unauthorizedAnswer('No admin key'),
      403: siteIsOther,
      404: problemAnswer(SITE_REFUSED[404]),
      409: problemAnswer('The site has a funnel of this id, or too many funnels'),
      413: problemAnswer('Too many bytes'),
      415: problemAnswer('The Content-Encoding is none of gzip, br and deflate'),
      503: retryAnswer(
        'Redis is away: nothing is defined. Or Kafka is, and the funnel may be defined (`sites_unavailable`)',
      ),
    },
    handler: createFunnel,
  },
  {
    method: 'DELETE',
    path: '/v1/funnels/{funnel}',
    id: 'remove_funnel',
    tag: 'definitions',
    summary: 'Remove a funnel that the site defined, and its numbers',
    access: ['adminKey', 'installationKey'],
    query: siteQuery,
    parameters: z.object({ funnel: z.string() }),
    responses: {
      204: { description: 'It is removed' },
      400: problemAnswer(SITE_REFUSED[400]),
      401: unauthorizedAnswer('No admin key'),
      403: siteIsOther,
      404: problemAnswer(`The site has no such funnel. Or: ${SITE_REFUSED[404]}`),
      409: problemAnswer('The shop funnel cannot be removed'),
      503: retryAnswer('Redis or Kafka is away'),
    },
    handler: endFunnel,
  },
  {
    method: 'POST',
    path: '/v1/sites',
    id: 'create_site',
    ...byInstallation,
    summary: 'Make a site, with its first three keys',
    description: `The keys are in this answer and nowhere else: only their hashes are stored. All functions know a new
site at once.`,
    body: jsonBody(siteInput),
    responses: {
      ...commonWithBody,
      201: dataAnswer('It is made', newSiteAnswer),
      403: needsInstallation,
      409: problemAnswer('There is a site of this id, or another site lists the measurement id'),
    },
    handler: createSite,
  },
  {
    method: 'GET',
    path: '/v1/sites',
    id: 'list_sites',
    ...byInstallation,
    summary: 'All sites, with what is known of their keys',
    responses: { ...common, 200: dataAnswer('By id', sitesAnswer), 403: needsInstallation },
    handler: listSites,
  },
  {
    method: 'GET',
    path: '/v1/sites/{site}',
    id: 'read_site',
    ...bySite,
    summary: 'One site, with what is known of its keys',
    parameters: z.object({ site }),
    responses: { ...common, 200: dataAnswer('The site', siteAnswer), 403: ofAnotherSite, 404: noSite },
    handler: showSite,
  },
  {
    method: 'PATCH',
    path: '/v1/sites/{site}',
    id: 'change_site',
    ...bySite,
    summary: 'Change settings of a site; what is not named stays',
    description: `What is stored already keeps its expiry: another \`retention_days\` applies to what comes or changes
from now on. \`lateness_hours\`, and the windows of the site's funnels, are at most 24 × \`retention_days\`.`,
    parameters: z.object({ site }),
    body: jsonBody(siteChanges),
    responses: {
      ...commonWithBody,
      200: dataAnswer('The site as it is now', siteAnswer),
      403: ofAnotherSite,
      404: noSite,
      409: problemAnswer("Another site lists the measurement id, or the zone is not the site's"),
    },
    handler: changeSite,
  },
  {
    method: 'POST',
    path: '/v1/sites/{site}/keys',
    id: 'create_key',
    ...bySite,
    summary: 'Make a further key of a site',
    description: `The site's admin key makes read keys: one for each person or screen that is to see the numbers, each of
which can be ended by itself. Write and admin keys need the admin key of the installation.`,
    parameters: z.object({ site }),
    body: jsonBody(keyInput),
    responses: {
      ...commonWithBody,
      201: dataAnswer(keyIsMade, newKeyAnswer),
      403: needsMore,
      404: noSite,
      409: problemAnswer('The site has too many keys'),
    },
    handler: createKey,
  },
  {
    method: 'POST',
    path: '/v1/sites/{site}/keys/{key}/rotate',
    id: 'rotate_key',
    ...bySite,
    summary: 'Replace a key by a new one; the old key stays valid for a while',
    description:
      'The new key has the kind and the name of the old key, and the end that the old key was made with.',
    parameters: z.object({ site, key }),
    body: jsonBody(rotationInput, { required: false }),
    responses: {
      ...commonWithBody,
      201: dataAnswer(keyIsMade, rotatedKeyAnswer),
      403: ofAnotherSite,
      404: problemAnswer('There is no such site, or it has no such key, or the key has ended'),
      409: problemAnswer('The site has too many keys'),
    },
    handler: replaceKey,
  },
  {
    method: 'DELETE',
    path: '/v1/sites/{site}/keys/{key}',
    id: 'end_key',
    ...bySite,
    summary: 'End a key now',
    description: `Functions that know the key may accept it for some ten seconds more. The site's admin key ends read keys,
the admin key of the installation all.`,
    parameters: z.object({ site, key }),
    responses: {
      ...common,
      204: { description: 'It has ended' },
      403: needsMore,
      404: problemAnswer('There is no such site, or it has no such key'),
    },
    handler: endKey,
  },
];

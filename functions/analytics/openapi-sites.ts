import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
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
import { asJson, asProblem, notNow, unauthorized } from './openapi-parts.ts';

const site = z.string().max(64).meta({ description: 'The id of a site', example: 'shoes' });
const key = z.string().max(64).meta({ description: 'The id of a key, not the key itself' });

const AWAY = 'Kafka is away, or others are changing sites: what was asked for may have been done';
type Security = NonNullable<ZodOpenApiOperationObject['security']>;
const common = {
  tags: ['sites'],
  responses: { 401: unauthorized('No admin key'), 503: notNow(AWAY) },
};
const byInstallation: Security = [{ installationKey: [] }];
const bySite: Security = [{ installationKey: [] }, { adminKey: [] }];

const operation = (
  security: Security,
  { responses, ...rest }: ZodOpenApiOperationObject,
): ZodOpenApiOperationObject => ({
  ...common,
  security,
  ...rest,
  responses: { ...common.responses, ...responses },
});

const body = (schema: z.ZodType, required = true) => ({
  required,
  content: { 'application/json': { schema } },
});
const data = (schema: z.ZodType) => z.object({ data: schema });
const notOfASite = asProblem("A site's admin key does not do here");

/** `/v1/sites` and what lies below. */
export const sitePaths: ZodOpenApiPathsObject = {
  '/v1/sites': {
    post: operation(byInstallation, {
      operationId: 'create_site',
      summary: 'Make a site, with its first three keys',
      description: `The keys are in this answer and nowhere else: only their hashes are stored. A new site is known
everywhere a second or so later.`,
      requestBody: body(siteInput),
      responses: {
        201: asJson('It is made', data(newSiteAnswer)),
        400: asProblem('Something is wrong; `errors` says where'),
        403: notOfASite,
        409: asProblem('There is a site of this id, or one that has the measurement id'),
        413: asProblem('Too many bytes'),
      },
    }),
    get: operation(byInstallation, {
      operationId: 'list_sites',
      summary: 'All sites, with what is known of their keys',
      responses: { 200: asJson('By id', data(sitesAnswer)), 403: notOfASite },
    }),
  },
  '/v1/sites/{site}': {
    get: operation(bySite, {
      operationId: 'read_site',
      summary: 'One site, with what is known of its keys',
      requestParams: { path: z.object({ site }) },
      responses: {
        200: asJson('The site', data(siteAnswer)),
        403: asProblem('The key is of another site'),
        404: asProblem('There is no such site'),
      },
    }),
    patch: operation(bySite, {
      operationId: 'change_site',
      summary: 'Change settings of a site; what is not named stays',
      description: `What is stored already keeps the end that it was given: another \`retention_days\` is for what
comes or changes from now on.`,
      requestParams: { path: z.object({ site }) },
      requestBody: body(siteChanges),
      responses: {
        200: asJson('As it is now', data(siteAnswer)),
        400: asProblem('Something is wrong; `errors` says where'),
        403: asProblem('The key is of another site'),
        404: asProblem('There is no such site'),
        409: asProblem('Another site has the measurement id, or the zone is another one'),
        413: asProblem('Too many bytes'),
      },
    }),
  },
  '/v1/sites/{site}/keys': {
    post: operation(byInstallation, {
      operationId: 'create_key',
      summary: 'Make a further key of a site',
      requestParams: { path: z.object({ site }) },
      requestBody: body(keyInput),
      responses: {
        201: asJson('It is made; the key is shown here and never again', data(newKeyAnswer)),
        400: asProblem('Something is wrong; `errors` says where'),
        403: notOfASite,
        404: asProblem('There is no such site'),
        409: asProblem('The site has too many keys'),
        413: asProblem('Too many bytes'),
      },
    }),
  },
  '/v1/sites/{site}/keys/{key}/rotate': {
    post: operation(bySite, {
      operationId: 'rotate_key',
      summary: 'Make a new key in place of one, which goes on for a while',
      requestParams: { path: z.object({ site, key }) },
      requestBody: body(rotationInput, false),
      responses: {
        201: asJson('It is made; the key is shown here and never again', data(rotatedKeyAnswer)),
        400: asProblem('Something is wrong; `errors` says where'),
        403: asProblem('The key is of another site'),
        404: asProblem('There is no such site, or it has no such key, or the key has ended'),
        409: asProblem('The site has too many keys'),
        413: asProblem('Too many bytes'),
      },
    }),
  },
  '/v1/sites/{site}/keys/{key}': {
    delete: operation(byInstallation, {
      operationId: 'end_key',
      summary: 'End a key now',
      description: 'Where it was known before it may be taken for some ten seconds more.',
      requestParams: { path: z.object({ site, key }) },
      responses: {
        204: { description: 'It has ended' },
        403: notOfASite,
        404: asProblem('There is no such site, or it has no such key'),
      },
    }),
  },
};

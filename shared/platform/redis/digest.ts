import { createHash } from 'node:crypto';

/** Stands for a user where no user may be named: SHA-256 of `site:user`, in base64url. */
export const userDigest = (site: string, user: string) =>
  createHash('sha256').update(`${site}:${user}`).digest('base64url');

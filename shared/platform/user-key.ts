/**
 * The Kafka key of a site's user. It decides the partition, hence the shard, so one user's events lie in one shard.
 * @example userKey({ site: 'shop', user: 'ana' }) // 'shop:ana'
 */
export function userKey({ site, user }: { site: string; user: string }): string {
  return `${site}:${user}`;
}

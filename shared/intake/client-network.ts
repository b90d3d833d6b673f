import { isIPv4, isIPv6 } from 'node:net';

/**
 * The network that identifies one client: an IPv4 address, or the first 64 bits of an IPv6 address, since a
 * client controls all of that network (RFC 6177). Anything else is `unknown`, which counts as one client.
 * @example networkOf('203.0.113.7') // '203.0.113.7', also for '::ffff:203.0.113.7'
 * @example networkOf('2001:db8:1:2::abcd') // '2001:db8:1:2'
 */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  const [withoutZone] = address.split('%') as [string];
  if (!isIPv6(withoutZone)) return 'unknown';
  // The URL parser writes every IPv6 address in one canonical way (URL Standard, "IPv6 serializer").
  const canonical = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1);
  const [head, tail] = canonical.split('::').map((part) => part.split(':').filter(Boolean));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  const groups = [...head!, ...Array<string>(tail ? missing : 0).fill('0'), ...(tail ?? [])];
  const isMapped = groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff';
  if (!isMapped) return groups.slice(0, 4).join(':');
  const bytes = groups.slice(6).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join('.');
}

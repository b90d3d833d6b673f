import { isIPv4, isIPv6 } from 'node:net';

/**
 * What stands for one client among IP addresses: an IPv4 address, or the first 64 bits of an IPv6 address, since a
 * client has all of such a network to choose from (RFC 6177). What is no address is one client, too.
 */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  const [withoutZone] = address.split('%') as [string];
  if (!isIPv6(withoutZone)) return 'unknown';
  // A URL's host is written in one way only (URL Standard, "IPv6 serializer").
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

// Which addresses are not of the public internet: what a server can reach and a stranger must not. By the registries of special
// purpose addresses of IANA; for IPv6 it is said what is public, since everything else is not in use.

import { BlockList, isIP } from 'node:net';

/** Of IPv4: networks that are not public. */
const PRIVATE_4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Of IPv6: the one network that is public, and what in it is not: Teredo and the like, documentation, 6to4. */
const PUBLIC_6 = ['2000::/3'];
const PRIVATE_6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** A list of networks, like 10.0.0.0/8; an address alone is a network of one. */
export function networks(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', bits] = text.split('/');
    const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, kind);
    else list.addSubnet(address, Number(bits), kind);
  }
  return list;
}

/** Whether a text is a network or an address. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const kind = isIP(address);
  if (kind === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (kind === 4 ? 32 : 128));
}

/** Whether an address is in one of them. An IPv4 address in the clothes of IPv6 is in none of IPv4's. */
export function isIn(list: BlockList, address: string): boolean {
  // Node finds ::ffff:10.0.0.1 in 10.0.0.0/8, and nobody who lists a network means that.
  const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return !/^::ffff:/i.test(address) && list.check(address, kind);
}

const [private4, public6, private6] = [networks(PRIVATE_4), networks(PUBLIC_6), networks(PRIVATE_6)];

/** Whether an address is anything but a public one. */
export function isPrivateAddress(address: string): boolean {
  if (isIP(address) === 4) return private4.check(address, 'ipv4');
  if (isIP(address) !== 6 || address.includes('%')) return true;
  return !public6.check(address, 'ipv6') || private6.check(address, 'ipv6');
}

/**
 * Addresses that nothing of ours is sent to: of machines, networks and protocols of our own side, and of nobody.
 * Source: IANA special-purpose address registries of IPv4 and IPv6, RFC 6890; RFC 6052 and 8215 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo).
 */
import { BlockList, isIP } from 'node:net';

const IPV4_SPECIAL = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  // Multicast, reserved, broadcast.
  '224.0.0.0/3',
];

/** All that is routed in the internet is in here: loopback, mapped and NAT64 addresses, those of one network or one link are not. */
const IPV6_GLOBAL = '2000::/3';

const IPV6_SPECIAL = [
  // Protocols, Teredo, benchmarks, identifiers that are no places.
  '2001::/23',
  '2001:db8::/32',
  // An IPv4 address is inside.
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
];

function listOf(subnets: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', bits] = subnet.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

const [SPECIAL_4, GLOBAL_6, SPECIAL_6] = [
  listOf(IPV4_SPECIAL, 'ipv4'),
  listOf([IPV6_GLOBAL], 'ipv6'),
  listOf(IPV6_SPECIAL, 'ipv6'),
];
const LOOPBACK_4 = listOf(['127.0.0.0/8'], 'ipv4');

/** Whether the address is not one of somebody's in the internet. What is no address at all is special too. */
export function isSpecialAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return SPECIAL_4.check(address, 'ipv4');
  // A zone names a link.
  if (family !== 6 || address.includes('%')) return true;
  return !GLOBAL_6.check(address, 'ipv6') || SPECIAL_6.check(address, 'ipv6');
}

/** Whether the address is this machine's own. */
export const isLoopback = (address: string): boolean =>
  address === '::1' || (isIP(address) === 4 && LOOPBACK_4.check(address, 'ipv4'));

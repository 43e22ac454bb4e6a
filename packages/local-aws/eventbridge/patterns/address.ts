/** IP addresses in event patterns: `cidr`, and exact values that happen to be an address. */
import { isIPv4, isIPv6 } from 'node:net';
import { PatternFault } from './pattern-text';

/** Both ends belong to the range; as in `addressDigits`. */
export interface AddressRange {
  readonly lowest: string;
  readonly highest: string;
}

/**
 * An address as hexadecimal digits, 8 for IPv4 and 32 for IPv6, so that the order of texts is the order of addresses.
 *
 * @returns undefined for anything that is no address literal.
 */
export function addressDigits(text: string): string | undefined {
  if (isIPv4(text)) return text.split('.').map(hexByte).join('');
  if (isIPv6(text) && !text.includes('.')) return ipv6Digits(text);
  return undefined;
}

/** @throws PatternFault in AWS's words. Source of the words: aws/event-ruler and the refusals recorded from AWS. */
export function cidrRange(cidr: string): AddressRange {
  const [address = '', bits = '', ...more] = cidr.split('/');
  if (bits === '' || more.length > 0) throw new PatternFault("Malformed CIDR, one '/' required");
  if (!/^[+-]?\d+$/.test(bits)) throw new PatternFault('Malformed CIDR, mask bits must be an integer');
  const maskBits = Number(bits);
  if (maskBits < 0) throw new PatternFault('Malformed CIDR, mask bits must not be negative');
  const digits = addressDigits(address);
  if (digits === undefined) throw new PatternFault(`Nonstandard IP address: ${address}`);
  const isV4 = digits.length === 8;
  if (isV4 && maskBits > 31) throw new PatternFault('IPv4 mask bits must be < 32');
  if (maskBits > 127) throw new PatternFault('IPv6 mask bits must be < 128');
  return rangeOf(digits, maskBits);
}

function rangeOf(digits: string, maskBits: number): AddressRange {
  const hostMask = (1n << BigInt(digits.length * 4 - maskBits)) - 1n;
  const address = BigInt(`0x${digits}`);
  const text = (value: bigint) => value.toString(16).padStart(digits.length, '0');
  return { lowest: text(address & ~hostMask), highest: text(address | hostMask) };
}

function hexByte(decimal: string): string {
  return Number(decimal).toString(16).padStart(2, '0');
}

function ipv6Digits(text: string): string {
  const [head = '', tail] = text.toLowerCase().split('::');
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'));
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('');
}

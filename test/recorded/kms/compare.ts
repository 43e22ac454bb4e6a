/**
 * Compares an answer of ours with one recorded from AWS, in which ids are placeholders: `<key-id:1>` stands for the same
 * text wherever it occurs in a case, `datetime` for any instant, `<mac>` and others without a number for any text.
 */
import type { JsonObject } from 'local-aws/call';

/** Members that AWS began to answer after a recording was made. */
const ADDED_SINCE = new Set([
  'CurrentKeyMaterialId',
  'CustomerMasterKeySpec',
  'DestinationKeyMaterialId',
  'EncryptionAlgorithms',
  'KeyMaterialId',
  'KeySpec',
  'KeyState',
  'MultiRegion',
  'PendingWindowInDays',
  'PolicyName',
  'SourceKeyMaterialId',
]);

const OPAQUE = new Set(['ciphertext-blob', 'plaintext', 'shared-secret']);

export type Bindings = Map<string, string>;

/** @returns one line for each difference; none when the answers agree. */
export function differences(recorded: unknown, ours: unknown, bindings: Bindings, path = ''): readonly string[] {
  if (recorded === 'datetime') return typeof ours === 'number' ? [] : [`${path}: not an instant: ${String(ours)}`];
  if (typeof recorded === 'string') return textDifference(recorded, ours, bindings, path);
  if (typeof recorded !== 'object' || recorded === null) {
    return recorded === ours ? [] : [`${path}: recorded ${String(recorded)}, ours ${String(ours)}`];
  }
  const other: unknown = typeof ours === 'string' ? JSON.parse(ours) : ours;
  if (typeof other !== 'object' || other === null) return [`${path}: missing`];
  return membersDiffer(recorded as JsonObject, other as JsonObject, bindings, path);
}

function membersDiffer(recorded: JsonObject, ours: JsonObject, bindings: Bindings, path: string): readonly string[] {
  const extra = Object.keys(ours).filter((name) => !(name in recorded) && !ADDED_SINCE.has(name));
  return [
    ...extra.map((name) => `${path}.${name}: not recorded`),
    ...Object.entries(recorded).flatMap(([name, value]) => differences(value, ours[name], bindings, `${path}.${name}`)),
  ];
}

function textDifference(recorded: string, ours: unknown, bindings: Bindings, path: string): readonly string[] {
  if (typeof ours !== 'string') return [`${path}: recorded a text, ours ${String(ours)}`];
  if (OPAQUE.has(recorded)) return ours.length > 0 ? [] : [`${path}: empty`];
  const names: string[] = [];
  const pattern = recorded.split(/(<[^>]+>)/).map((part) => {
    if (!/^<[^>]+>$/.test(part)) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    names.push(part);
    return '(.+)';
  });
  const found = new RegExp(`^${pattern.join('')}$`, 's').exec(ours);
  if (!found) return [`${path}: recorded "${recorded}", ours "${ours}"`];
  return names.flatMap((name, index) => (name.includes(':') ? bind(name, found[index + 1] ?? '', bindings, path) : []));
}

function bind(name: string, value: string, bindings: Bindings, path: string): readonly string[] {
  const bound = bindings.get(name);
  bindings.set(name, bound ?? value);
  return bound === undefined || bound === value ? [] : [`${path}: ${name} is ${bound} and ${value}`];
}

/** Members whose values are compared where only the shape of an answer is. */
const TELLING = new Set([
  'Code',
  'Enabled',
  'EncryptionAlgorithm',
  'KeyManager',
  'KeyRotationEnabled',
  'KeySpec',
  'KeyState',
  'KeyUsage',
  'MacAlgorithm',
  'MultiRegion',
  'Origin',
  'Policy',
  'SignatureValid',
  'SigningAlgorithm',
  'Truncated',
]);

/** Compares members, their JSON types and the telling values: for answers about keys that are not ours. */
export function shapeDifferences(recorded: unknown, ours: unknown, path = ''): readonly string[] {
  if (isInstant(recorded, path)) return typeof ours === 'number' ? [] : [`${path}: not an instant`];
  if (Array.isArray(recorded)) {
    if (!Array.isArray(ours)) return [`${path}: not a list`];
    return recorded.length === 0 ? [] : shapeDifferences(recorded[0], ours[0], `${path}[0]`);
  }
  if (typeof recorded !== 'object' || recorded === null) {
    if (typeof recorded !== typeof ours) return [`${path}: recorded ${JSON.stringify(recorded)}, ours ${String(ours)}`];
    const isTelling = TELLING.has(path.slice(path.lastIndexOf('.') + 1));
    return !isTelling || recorded === ours ? [] : [`${path}: recorded ${String(recorded)}, ours ${String(ours)}`];
  }
  if (typeof ours !== 'object' || ours === null) return [`${path}: missing`];
  return Object.entries(recorded).flatMap(([name, value]) =>
    shapeDifferences(value, (ours as JsonObject)[name], `${path}.${name}`),
  );
}

/** Recordings write instants as objects, numbers or ISO text. */
function isInstant(recorded: unknown, path: string): boolean {
  if (/Date$|ValidTo$/.test(path)) return true;
  return typeof recorded === 'object' && recorded !== null && '__class__' in recorded;
}

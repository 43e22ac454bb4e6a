import { createHash } from 'node:crypto';
import type { JsonObject } from '../../call';
import { objectAt, text } from '../input';

/** The MD5 by which SDKs check what arrived: the whole body, as hex. */
export function md5(body: string | Uint8Array): string {
  return createHash('md5').update(body).digest('hex');
}

/** 1 for text (also of numbers), 2 for bytes. */
const TRANSPORT = { text: Buffer.from([1]), bytes: Buffer.from([2]) };

/**
 * The MD5 over message attributes, ordered by name: name, type, kind of transport and value, each but the kind with its
 * length before it as four bytes. Source: "Calculating the MD5 message digest for message attributes" in the SQS
 * developer guide. Undefined when there are none.
 */
export function attributesMd5(attributes: JsonObject | undefined): string | undefined {
  const names = Object.keys(attributes ?? {}).sort();
  if (attributes === undefined || names.length === 0) return undefined;
  const pieces = names.flatMap((name) => {
    const attribute = objectAt(attributes, name) ?? {};
    const string = text(attribute, 'StringValue');
    const value = Buffer.from(string ?? text(attribute, 'BinaryValue') ?? '', string === undefined ? 'base64' : 'utf8');
    const transport = string === undefined ? TRANSPORT.bytes : TRANSPORT.text;
    return [
      ...counted(Buffer.from(name)),
      ...counted(Buffer.from(text(attribute, 'DataType') ?? '')),
      transport,
      ...counted(value),
    ];
  });
  return md5(Buffer.concat(pieces));
}

function counted(bytes: Buffer): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

/** Reads the few XML documents that S3 is sent: flat ones, whose elements are found by their names. */
import { own } from '../own-property';

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The text of the first element of that name. */
export function textOfTag(xml: string, name: string): string | undefined {
  const [content] = contentsOfTag(xml, name);
  return content === undefined ? undefined : unescapeXml(content);
}

/** What stands inside each element of that name, still as XML. Elements do not hold others of their own name. */
export function contentsOfTag(xml: string, name: string): readonly string[] {
  const pattern = new RegExp(`<${name}(?:\\s[^>]*)?>([^]*?)</${name}>`, 'g');
  return [...xml.matchAll(pattern)].map(([, content = '']) => content);
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return own(ENTITIES, name) ?? whole;
  });
}

/**
 * The public keys of CloudTrail's digests, by ListPublicKeys, signed by hand: one call does not take a client of its own.
 * Source: CloudTrail API reference, ListPublicKeys; AWS JSON 1.1.
 */
import type { STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { isObject } from '../../events/cloudtrail-shape';
import type { DigestKey, DigestKeys } from '../domain/audit/trail/ports';
import { KeywrightError } from '../domain/errors';
import { endpointOf } from './sts-identity-request';

const TARGET = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.ListPublicKeys';
const TIMEOUT_MS = 5_000;

/** A region has a handful of keys: whatever goes on for longer is no answer of AWS. */
const PAGES_MAX = 20;

interface Page {
  readonly keys: readonly DigestKey[];
  readonly next: string | undefined;
}

/** @param sts Of it the configuration is taken: region, credentials and where services are. */
export function cloudTrailDigestKeys(sts: STSClient): DigestKeys {
  const { credentials, region, sha256 } = sts.config;

  const ask = async (input: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const url = await endpointOf(sts);
    // Beside that of STS, in every partition; a configured endpoint serves both.
    url.hostname = url.hostname.replace(/^sts\./, 'cloudtrail.');
    const body = JSON.stringify(input);
    const headers = { host: url.host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': TARGET };
    const signer = new SignatureV4({ service: 'cloudtrail', region, credentials, sha256 });
    const { protocol, hostname } = url;
    const signed = await signer.sign({ method: 'POST', protocol, hostname, path: '/', headers, body });
    const { host: _byFetchItself, ...others } = signed.headers;
    const response = await fetch(url, {
      method: 'POST',
      headers: others,
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`CloudTrail answered ${response.status}`);
    return response.json();
  };

  return {
    async publicKeys(from, to) {
      const keys: DigestKey[] = [];
      const times = { StartTime: Date.parse(from) / 1000, EndTime: Date.parse(to) / 1000 };
      let token: string | undefined;
      for (let pages = 0; pages < PAGES_MAX; pages += 1) {
        const page = await pageOf(() => ask({ ...times, ...(token !== undefined && { NextToken: token }) }));
        keys.push(...page.keys);
        token = page.next;
        if (token === undefined) break;
      }
      return keys;
    },
  };
}

async function pageOf(ask: () => Promise<unknown>): Promise<Page> {
  try {
    return readPage(await ask());
  } catch (cause) {
    const message =
      'CloudTrail does not tell the public keys of its digests. Look whether reconcile-trail may call cloudtrail:ListPublicKeys; then try again.';
    throw new KeywrightError('trail.unreadable', message, { reason: String(cause) }, { cause });
  }
}

/** By hand: a schema would be in the bundle of every function. */
function readPage(answer: unknown): Page {
  if (!isObject(answer)) throw new Error('the answer is no object');
  const { PublicKeyList: list = [], NextToken: next } = answer;
  if (!Array.isArray(list)) throw new Error('the answer is no list of keys');
  const keys = list.map((key: unknown) => {
    const [value, fingerprint] = isObject(key) ? [key['Value'], key['Fingerprint']] : [];
    if (typeof value !== 'string' || typeof fingerprint !== 'string') throw new Error('a key has no value');
    return { fingerprint, der: Buffer.from(value, 'base64') };
  });
  return { keys, next: typeof next === 'string' ? next : undefined };
}

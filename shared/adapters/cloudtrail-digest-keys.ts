/**
 * The public keys of CloudTrail's digests, by ListPublicKeys, signed by hand: one call does not take a client of its own.
 * Source: CloudTrail API reference, ListPublicKeys; AWS JSON 1.1.
 */
import type { STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod/mini';
import { readWith } from '../../events/define-event';
import { text } from '../../events/fields';
import type { DigestKey, DigestKeys } from '../domain/audit/trail/ports';
import { KeywrightError } from '../domain/errors';
import { endpointOf } from './sts-identity-request';

const TARGET = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.ListPublicKeys';
const TIMEOUT_MS = 5_000;

/** A region has a handful of keys: whatever goes on for longer is no answer of AWS. */
const PAGES_MAX = 20;

const answer = z.object({
  PublicKeyList: z.optional(z.array(z.object({ Value: text, Fingerprint: text }))),
  NextToken: z.optional(z.nullable(z.string())),
});

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
        for (const { Value, Fingerprint } of page.PublicKeyList ?? [])
          keys.push({ fingerprint: Fingerprint, der: Buffer.from(Value, 'base64') });
        token = page.NextToken ?? undefined;
        if (token === undefined) break;
      }
      return keys;
    },
  };
}

async function pageOf(ask: () => Promise<unknown>): Promise<z.output<typeof answer>> {
  try {
    return readWith(answer, 'answer', await ask());
  } catch (cause) {
    const message =
      'CloudTrail does not tell the public keys of its digests. Look whether reconcile-trail may call cloudtrail:ListPublicKeys; then try again.';
    throw new KeywrightError('trail.unreadable', message, { reason: String(cause) }, { cause });
  }
}

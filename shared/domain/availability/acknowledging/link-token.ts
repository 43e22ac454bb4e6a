/**
 * What a link in a page says, as text: which incident may be acknowledged by it, through which channel, and until when. It allows that and
 * nothing else. All of it is on the incident's row, so that a page that is sent again holds the same link.
 */
import * as z from 'zod/mini';
import { DAY_MS, later } from '../../instants';
import type { Incident } from '../incidents/incident';

export interface LinkClaims {
  readonly incidentId: string;
  /** The name of the channel that the page went to. */
  readonly channel: string;
  readonly expiresAt: string;
}

export interface LinkToken {
  readonly claims: LinkClaims;
  /** What is signed. */
  readonly text: string;
  readonly mac: Uint8Array;
}

/** A key can wait for its deletion for 30 days, and on-call is told of it to the end. Source: KMS API reference, ScheduleKeyDeletion. */
const LINK_MS = 31 * DAY_MS;

/** What is signed by the same key for anything else is no link. */
const PURPOSE = 'keywright acknowledge 1';

/** Several times what a token has; a line of a page takes as many. */
const TOKEN_MAX = 800;

const TOKEN = /^([\w-]+)\.([\w-]{43})$/;

const CLAIMS = z.tuple([z.string(), z.string(), z.iso.datetime({ precision: 3 })]);

/** What the link in a page about the incident says, the same at any time. */
export const claimsFor = ({ incidentId, detectedAt }: Incident, channel: string): LinkClaims => ({
  incidentId,
  channel,
  expiresAt: later(detectedAt, LINK_MS),
});

/** What is signed of it: some hundred bytes. */
export const textOf = (claims: LinkClaims): string => `${PURPOSE}\n${saidIn(claims)}`;

const saidIn = ({ incidentId, channel, expiresAt }: LinkClaims): string =>
  Buffer.from(JSON.stringify([incidentId, channel, expiresAt])).toString('base64url');

/** Letters, digits, `-`, `_` and a dot: it needs no escaping, neither in a URL nor in HTML. */
export const tokenOf = (claims: LinkClaims, mac: Uint8Array): string =>
  `${saidIn(claims)}.${Buffer.from(mac).toString('base64url')}`;

/** Undefined for what is no token. Whether it was signed is still to be asked: nothing that it says is to be believed before. */
export function readToken(token: string): LinkToken | undefined {
  const [, said = '', mac = ''] = (token.length <= TOKEN_MAX && TOKEN.exec(token)) || [];
  const claims = claimsIn(Buffer.from(said, 'base64url').toString('utf8'));
  return claims && { claims, text: `${PURPOSE}\n${said}`, mac: Buffer.from(mac, 'base64url') };
}

function claimsIn(json: string): LinkClaims | undefined {
  try {
    const [incidentId, channel, expiresAt] = CLAIMS.parse(JSON.parse(json));
    return { incidentId, channel, expiresAt };
  } catch {
    return undefined;
  }
}

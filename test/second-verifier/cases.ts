/** Logs for both verifiers, on disk: sound ones, and tampered ones of every class; and what the first says of each. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderReader } from 'keywright-verify/folder';
import { verifyLog } from 'keywright-verify/log';
import { readVerifierKey } from 'keywright-verify/note';
import {
  KINDS,
  publicKeyOf,
  soundLogs,
  type TamperedLog,
  tamperedLogs,
} from 'keywright-verify/test/support/tampered-logs';
import { randomOf } from '../support/random';

export interface Case {
  readonly name: string;
  readonly kind: string;
  /** What keywright-verify says: `ok`, or `bad INDEX`. */
  readonly said: string;
  /** What is so. */
  readonly is: string;
}

/** Writes that many tampered logs, and sound ones of every size. @returns a case for each, in order of their names. */
export async function writeCases(folder: string, seed: number, tampered: number): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const log of await soundLogs()) cases.push(await written(folder, cases.length, { ...log, kind: 'sound' }));
  for await (const log of tamperedLogs(randomOf(seed))) {
    cases.push(await written(folder, cases.length, log));
    if (cases.length >= tampered) break;
  }
  const kinds = new Set(cases.map(({ kind }) => kind));
  const missing = KINDS.filter((kind) => !kinds.has(kind));
  if (missing.length > 0) throw new Error(`Too few cases: none of ${missing.join(', ')}.`);
  return cases;
}

type Given = Omit<TamperedLog, 'firstBadIndex'> & Partial<Pick<TamperedLog, 'firstBadIndex'>>;

async function written(folder: string, number: number, log: Given): Promise<Case> {
  const name = String(number).padStart(6, '0');
  const publicKey = await publicKeyOf();
  const file = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), content);
  };
  file('public-key', `${publicKey}\n`);
  for (const [at, note] of log.saved.entries()) file(`saved-${at}`, note);
  for (const [path, bytes] of log.files) file(`log/${path}`, bytes);

  const reader = folderReader(join(folder, name, 'log'));
  const { ok, firstBadIndex } = await verifyLog(reader, readVerifierKey(publicKey), { saved: log.saved });
  return {
    name,
    kind: log.kind,
    said: ok ? 'ok' : `bad ${firstBadIndex}`,
    is: log.firstBadIndex === undefined ? 'ok' : `bad ${log.firstBadIndex}`,
  };
}

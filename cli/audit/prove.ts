/** `keywright audit prove`: that an entry is in the log, for somebody who has the public key and not the log. */
import { Command } from 'commander';
import { TILE_WIDTH } from 'keywright-verify/layout';
import { UsageError } from 'keywright-verify/logs';
import { leafHash } from 'keywright-verify/merkle';
import { verifyInclusion } from 'keywright-verify/proofs';
import { readBundle, readTile } from 'keywright-verify/reader';
import { proofsOf } from '../../shared/domain/audit/log/proofs';
import { HASH_BYTES } from '../../shared/domain/audit/log/tree-hashes';
import { numberOf } from '../operate/number';
import { printableJson } from '../output/printable-json';
import { explained, KEY_OPTION, type KeyOption } from './explained';
import { currentCheckpoint, LOG_HELP, logAt, type PlacedLog } from './log-place';

export const proveCommand = () =>
  new Command('prove')
    .description('print an inclusion proof for an entry as JSON')
    .argument('<log>', LOG_HELP)
    .argument('<index>', 'the index of the entry, from 0', numberOf)
    .requiredOption(...KEY_OPTION)
    .addHelpText('after', '\nExample:\n  $ keywright audit prove ./acme 4711 --public-key acme.pub > proof.json\n')
    .action(
      explained(async (log: string, index: number, { publicKey }: KeyOption) => {
        const proof = await proveEntry(await logAt(log, publicKey), index);
        process.stdout.write(printableJson(`${JSON.stringify(proof, null, 2)}\n`));
      }),
    );

/** Checked before it is given out. docs/audit-log-format.md says how its reader checks it. */
async function proveEntry(log: PlacedLog, index: number) {
  const { reader } = log;
  const { note, size, root } = await currentCheckpoint(log);
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new UsageError(`The log has entries 0 to ${size - 1}; there is no entry ${index}.`);
  }
  const bundle = await readBundle(reader, Math.floor(index / TILE_WIDTH), size);
  const entry = bundle?.entries[index % TILE_WIDTH];
  const proof = await proofsOf(size, async (level, at, width) => {
    const hashes = await readTile(reader, level, at, size);
    return hashes ?? new Uint8Array(width * HASH_BYTES);
  }).inclusion(index);
  if (entry === undefined || !verifyInclusion({ index, hash: leafHash(entry) }, { size, root }, proof)) {
    throw new UsageError(`Entry ${index} cannot be proved: the log is damaged. See \`keywright audit verify\`.`);
  }
  const proofBase64 = proof.map((hash) => Buffer.from(hash).toString('base64'));
  return { index, entry: Buffer.from(entry).toString('utf8'), proof: proofBase64, checkpoint: note };
}

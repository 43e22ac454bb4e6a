/** The files to replay: which there are, in which order, and how their bytes are read. */
import { constants, lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { FileRefused, kindOf } from 'safe-files/read-file';
import { decompressed } from '../../shared/adapters/log-files/decompressed';
import type { LogSource } from '../../shared/adapters/log-files/read-log';
import { isOthersLog, type LeftOutKind } from './left-out';

export interface Input extends LogSource {
  /** 0 when it is not known. */
  readonly sizeBytes: number;
}

export interface Inputs {
  readonly inputs: readonly Input[];
  /** Left out on purpose. */
  readonly skipped: readonly { readonly file: string; readonly kind: LeftOutKind }[];
}

/** Small enough that a chunk of gzip, which may grow a thousandfold, stays far below the memory we promise to use. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Files as given; folders with everything below them, in the order of their names, so that a replay is always the same.
 *
 * @param except a folder to leave out: the output may lie in the input.
 * @throws Error of node:fs for a path that does not exist, FileRefused for one that is neither a file nor a folder.
 */
export function findInputs(paths: readonly string[], except: string): Inputs {
  const inputs: Input[] = [];
  const skipped: { file: string; kind: LeftOutKind }[] = [];
  for (const path of paths) {
    if (path === '-') inputs.push(standardInput());
    else if (statSync(path).isDirectory()) walk(path);
    else inputs.push(fileInput(path, fileAt(path, statSync(path)).size));
  }
  return { inputs, skipped };

  function walk(folder: string): void {
    const names = lookedAt(() => readdirSync(folder).sort());
    if (names === undefined) inputs.push(unreadable(folder));
    for (const name of names ?? []) {
      const path = join(folder, name);
      const entry = lookedAt(() => lstatSync(path));
      if (entry === undefined) inputs.push(unreadable(path));
      else if (resolve(path) === resolve(except)) skipped.push({ file: path, kind: 'output' });
      else if (name.startsWith('.')) skipped.push({ file: path, kind: 'hidden' });
      else if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) inputs.push(fileInput(path, entry.size));
      else if (entry.isSymbolicLink()) skipped.push({ file: path, kind: 'link' });
      else skipped.push({ file: path, kind: 'special' });
    }
  }
}

/** Undefined for what the system does not show: a folder of others, a name that is no UTF-8, a path that is too long. */
function lookedAt<Seen>(look: () => Seen): Seen | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** Rejected with the system's reason when its turn comes: what lies beside it is read. */
const unreadable = (path: string): Input => fileInput(path, 0);

/** @throws FileRefused for what may never begin or never end. */
function fileAt(path: string, stats: Stats): Stats {
  if (stats.isFile()) return stats;
  throw new FileRefused(
    `${path} is ${kindOf(stats)}, not a file. What it gives can be piped into \`keywright replay -\`.`,
  );
}

function fileInput(path: string, sizeBytes: number): Input {
  const isLines = /\.(jsonl|ndjson)(\.gz)?$/i.test(basename(path));
  const isOthers = isOthersLog(path);
  return { name: path, sizeBytes, isLines, isOthers, bytes: (onRead) => decompressed(counted(chunksOf(path), onRead)) };
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  // It may have become something else since it was found.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    fileAt(path, await file.stat());
    yield* file.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false });
  } finally {
    await file.close();
  }
}

function standardInput(): Input {
  return {
    name: '-',
    sizeBytes: 0,
    isLines: false,
    isOthers: false,
    bytes: (onRead) => decompressed(counted(process.stdin, onRead)),
  };
}

async function* counted(chunks: AsyncIterable<Buffer>, onRead: (count: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onRead(chunk.length);
    yield chunk;
  }
}

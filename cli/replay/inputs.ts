/** The files to replay: which there are, in which order, and how their bytes are read. */
import { createReadStream, lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gunzipped } from './gunzip';

export interface Input {
  /** As it is reported: the path as it was given, `-` for standard input. */
  readonly name: string;
  /** 0 when it is not known. */
  readonly sizeBytes: number;
  /** Each line is a value of its own, by the file's name; otherwise the content tells. */
  readonly isLines: boolean;
  /** The decompressed bytes. `onRead` is told how many bytes of the file were read. */
  bytes(onRead: (count: number) => void): AsyncIterable<Uint8Array>;
}

export interface Inputs {
  readonly inputs: readonly Input[];
  /** Left out on purpose, with the reason. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

/** Small enough that a chunk of gzip, which may grow a thousandfold, stays far below the memory we promise to use. */
const CHUNK_BYTES = 64 * 1024;

const GZIP_MAGIC = [0x1f, 0x8b];

/**
 * Files as given; folders with everything below them, in the order of their names, so that a replay is always the same.
 *
 * @param except a folder to leave out: the output may lie in the input.
 * @throws Error of node:fs for a path that does not exist.
 */
export function findInputs(paths: readonly string[], except: string): Inputs {
  const inputs: Input[] = [];
  const skipped: { file: string; reason: string }[] = [];
  for (const path of paths) {
    if (path === '-') inputs.push(standardInput());
    else if (statSync(path).isDirectory()) walk(path);
    else inputs.push(fileInput(path, statSync(path).size));
  }
  return { inputs, skipped };

  function walk(folder: string): void {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      const entry = lstatSync(path);
      if (resolve(path) === resolve(except)) skipped.push({ file: path, reason: 'the output of the replay' });
      else if (name.startsWith('.')) skipped.push({ file: path, reason: 'hidden' });
      else if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) inputs.push(fileInput(path, entry.size));
      else skipped.push({ file: path, reason: 'neither a file nor a folder; name it to have it read' });
    }
  }
}

function fileInput(path: string, sizeBytes: number): Input {
  const isLines = /\.(jsonl|ndjson)(\.gz)?$/i.test(basename(path));
  const open = () => createReadStream(path, { highWaterMark: CHUNK_BYTES });
  return { name: path, sizeBytes, isLines, bytes: (onRead) => decompressed(counted(open(), onRead)) };
}

function standardInput(): Input {
  return {
    name: '-',
    sizeBytes: 0,
    isLines: false,
    bytes: (onRead) => decompressed(counted(process.stdin, onRead)),
  };
}

async function* counted(chunks: AsyncIterable<Buffer>, onRead: (count: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onRead(chunk.length);
    yield chunk;
  }
}

/** Whether it is gzip is told by its first two bytes, whatever the file is called. */
async function* decompressed(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0);
  while (head.length < GZIP_MAGIC.length) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const isGzip = GZIP_MAGIC.every((byte, at) => head[at] === byte);
  yield* isGzip ? gunzipped(withHead(head, chunks)) : withHead(head, chunks);
}

async function* withHead(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* rest;
}

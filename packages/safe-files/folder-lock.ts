/**
 * One process a folder: two that append to the same journal or log would each undo what the other wrote.
 *
 * Node.js has no flock. What the kernel takes back whenever a process ends, killed or not, is a listening socket, and
 * whether anybody listens can be asked of the socket's file: process ids, which are given out again and differ between
 * containers, decide nothing. Each process that wants the folder first listens on a file of its own in it, then looks
 * around, and has the folder once it meets nobody else. Of two that come at once at least the one that listened later
 * meets the other: the earlier name stays, the later one goes. A file that nobody listens on is removed by whoever meets
 * it; its owner, if it was only about to listen, finds it gone and begins anew.
 *
 * Holds among the processes of one machine, containers that share the folder included; not between machines that mount
 * one folder over the network. Unix sockets are needed: Windows and some mounted folders have none.
 */
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FileRefused } from './read-file';

/** Its message is for people, and says the way out. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/** `.in-use-by-<milliseconds>-<process id>`: in order of their names the earliest comes first. */
const PREFIX = '.in-use-by-';

/** Those who came later and at the same time need milliseconds to go; one that was halted in between never does. */
const RIVALS_GO_MS = 5000;
const LOOK_EVERY_MS = 10;

/** A socket's address has 104 bytes on macOS and 108 on Linux, the last of them zero. Source: sys/un.h. */
const SOCKET_PATH_BYTES_MAX = 103;

export interface TakenFolder {
  /** Safe to repeat. */
  giveBack(): void;
  /**
   * Whether the path still leads to the folder that was taken. It may have been moved since: what is written by its path
   * would then begin another one, while the one that was moved is free for others.
   */
  isStillOurs(): boolean;
}

/**
 * Takes the folder, made when missing, for this process until it ends or gives it back. What a killed process left
 * behind keeps nobody out. Not reentrant: a process that has the folder is refused like any other.
 *
 * @throws FolderInUse when another process has it; FileRefused when no path to it is short enough for a socket; Error of node:fs or node:net, whose `path` is the folder, where it cannot be made or locked.
 */
export async function takeFolder(folder: string): Promise<TakenFolder> {
  mkdirSync(folder, { recursive: true });
  for (;;) {
    const name = `${PREFIX}${Date.now()}-${process.pid}`;
    const { near, done } = withinReach(folder, name);
    const server = await listen(near, name).catch((error) => {
      done();
      throw error instanceof FolderInUse ? error : Object.assign(error, { path: folder });
    });
    const giveBack = () => {
      server.close();
      rmSync(join(folder, name), { force: true });
    };
    try {
      if (await isAlone(folder, near, name)) return { giveBack, isStillOurs: sameFile(join(folder, name)) };
      giveBack();
    } catch (error) {
      giveBack();
      throw error;
    } finally {
      done();
    }
  }
}

/** Whether the path leads to the file that is there now. */
function sameFile(path: string): () => boolean {
  const fileAt = () => lstatSync(path, { throwIfNoEntry: false })?.ino;
  const own = fileAt();
  return () => own !== undefined && fileAt() === own;
}

/** @returns false when somebody removed our own file before we listened on it. */
async function isAlone(folder: string, near: string, own: string): Promise<boolean> {
  for (const until = Date.now() + RIVALS_GO_MS; ; await delay(LOOK_EVERY_MS)) {
    const names = readdirSync(folder).filter((name) => name.startsWith(PREFIX));
    const rivals: string[] = [];
    for (const name of names.filter((other) => other !== own)) {
      const state = await stateOf(join(near, name));
      if (state === 'unknown') throw unasked(join(folder, name));
      if (state === 'listened on') rivals.push(name);
      else removeDead(join(folder, name));
    }
    const [first] = rivals.sort();
    if (first === undefined) return names.includes(own);
    if (first < own || Date.now() > until) throw inUse(folder, first);
  }
}

function removeDead(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    throw unasked(path);
  }
}

/** Another user's: whoever may not be asked may be somebody. */
function unasked(path: string): FolderInUse {
  return new FolderInUse(
    `${path} is of another user, whose process may still have the folder. If none has, remove that file; else choose another folder.`,
  );
}

function inUse(folder: string, name: string): FolderInUse {
  const holder = name.slice(name.lastIndexOf('-') + 1);
  return new FolderInUse(`${folder} is in use by process ${holder}. End it, or choose another folder.`);
}

function listen(folder: string, name: string): Promise<Server> {
  const server = createServer((caller) => caller.destroy()).unref();
  return new Promise((taken, failed) => {
    server.once('listening', () => taken(server));
    server.once('error', (error: NodeJS.ErrnoException) => {
      failed(error.code === 'EADDRINUSE' ? inUse(folder, name) : error);
    });
    server.listen(join(folder, name));
  });
}

function stateOf(path: string): Promise<'listened on' | 'dead' | 'unknown'> {
  return new Promise((answer) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      answer('listened on');
    });
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => {
      // Reset: it listened when it was asked, and has closed since.
      if (['ECONNREFUSED', 'ENOENT', 'ECONNRESET'].includes(code)) answer('dead');
      // More ask than it has taken yet.
      else answer(code === 'EAGAIN' ? 'listened on' : 'unknown');
    });
  });
}

/** Where a short link may lie: the place for such, which may be anywhere, and those that every Unix has. */
const places = (): readonly string[] => [tmpdir(), '/tmp', '/var/tmp'];

/** A path to the folder that is short enough for sockets in it: where it is not, a link elsewhere. Longer ones are cut unsaid. */
function withinReach(folder: string, name: string): { readonly near: string; done(): void } {
  if (isShort(join(folder, name))) return { near: folder, done() {} };
  for (const at of places()) {
    const place = isShort(join(at, 'kw-123456', 'f', name)) ? madeIn(at) : undefined;
    if (place === undefined) continue;
    const near = join(place, 'f');
    symlinkSync(resolve(folder), near);
    return { near, done: () => rmSync(place, { recursive: true, force: true }) };
  }
  throw new FileRefused(
    `${folder} has too long a path to be locked, and there is no short one for temporary files: name a shorter one, or set TMPDIR.`,
  );
}

const isShort = (path: string): boolean => Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX;

/** A new folder; undefined where none may be made. */
function madeIn(place: string): string | undefined {
  try {
    return mkdtempSync(join(place, 'kw-'));
  } catch {
    return undefined;
  }
}

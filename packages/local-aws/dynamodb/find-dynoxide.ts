/** Where the program is that local AWS runs as its DynamoDB. */
import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { LocalAwsFault } from '../start-refused';

export interface Machine {
  /** As Node.js names them, and so do dynoxide's packages: `linux`, `x64`. */
  readonly platform: string;
  readonly arch: string;
  /** The variable `PATH`. */
  readonly path: string;
  /** Folders that npm packages are looked for from. */
  readonly folders: readonly string[];
}

/** The sources run bundled and under jest: packages are near the running program, or near the working directory. */
const thisMachine = (): Machine => ({
  platform: process.platform,
  arch: process.arch,
  path: process.env['PATH'] ?? '',
  folders: [dirname(process.argv[1] ?? '.'), process.cwd()],
});

/**
 * The npm package for this machine comes first, then a program `dynoxide` on the PATH.
 *
 * @returns the program's path.
 * @throws LocalAwsFault where neither is, or where the package's program may not be run.
 */
export function findDynoxide(machine: Machine = thisMachine()): string {
  const name = `@dynoxide/${machine.platform}-${machine.arch}`;
  const installed = packageFolder(name, machine.folders);
  if (installed === undefined) return onPath(machine.path) ?? nowhere(name);
  const program = join(installed, 'dynoxide');
  if (isProgram(program)) return program;
  throw new LocalAwsFault(`${program} is not there or may not be run. Install it anew with npm ci.`);
}

function packageFolder(name: string, folders: readonly string[]): string | undefined {
  try {
    const { resolve } = createRequire(join(process.cwd(), 'package.json'));
    return dirname(resolve(`${name}/package.json`, { paths: [...folders] }));
  } catch {
    return undefined;
  }
}

/** A relative entry would run what lies in whatever folder somebody happens to be in. */
function onPath(path: string): string | undefined {
  const folders = path.split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, 'dynoxide')).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function nowhere(name: string): never {
  throw new LocalAwsFault(
    `Local AWS needs a DynamoDB: install the npm package ${name}, put a program dynoxide on the PATH, or set AWS_ENDPOINT_URL_DYNAMODB to the address of one of your own, DynamoDB Local for example.`,
  );
}

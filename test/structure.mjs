/**
 * The structure of the sources, counted from the sources themselves: `npm run check:structure` prints it as one JSON line,
 * and fails on what must not be. What git tracks is counted; types are imports like any other.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path/posix';
import { argv, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const TOP_LEVEL_MAX = 18;

/** The rooms whose exported functions say what they promise. */
const DOCUMENTED = /^(events|shared|packages\/keywright-\w+)\//;

/**
 * @param {ReadonlyMap<string, string>} files Path to text, of everything that is tracked.
 * @returns {{ cycles: readonly (readonly string[])[], filesPerFolderMax: number, undocumented: readonly string[], topLevel: number }}
 */
export function structureOf(files) {
  const sources = [...files.keys()].filter((file) => /\.ts$/.test(file) && !/(^|\/)test\//.test(file));
  const perFolder = groupBy(sources, path.dirname);
  return {
    cycles: cyclesOf(sources, files),
    filesPerFolderMax: Math.max(0, ...[...perFolder.values()].map((group) => group.length)),
    undocumented: sources
      .filter((file) => DOCUMENTED.test(file))
      .flatMap((file) => undocumentedIn(files.get(file) ?? '').map((name) => `${file}: ${name}`)),
    topLevel: new Set([...files.keys()].map((file) => file.split('/')[0]).filter((entry) => !entry.startsWith('.')))
      .size,
  };
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** Exported functions without a comment right above them. */
function undocumentedIn(text) {
  const found = text.matchAll(
    /(^|\n)([^\n]*)\nexport (?:async )?(?:function\*? (\w+)|const (\w+)(?:: [^=\n]+)? = (?:async )?(?:<[^>]*>)?\()/g,
  );
  return [...found].filter(([, , above]) => !/\*\/\s*$/.test(above)).map(([, , , name, arrow]) => name ?? arrow);
}

function importsOf(file, files) {
  const specifiers = [...(files.get(file) ?? '').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name]) => name);
  return specifiers
    .map((specifier) =>
      path.normalize(path.join(specifier.startsWith('.') ? path.dirname(file) : 'packages', specifier)),
    )
    .map((base) => [`${base}.ts`, `${base}/index.ts`].find((candidate) => files.has(candidate)))
    .filter((imported) => imported !== undefined);
}

/** Files that import each other, by way of others or not: the strongly connected components of more than one. */
function cyclesOf(sources, files) {
  const order = new Map();
  const low = new Map();
  const stack = [];
  const cycles = [];
  const visit = (file) => {
    order.set(file, order.size);
    low.set(file, order.get(file));
    stack.push(file);
    for (const imported of importsOf(file, files)) {
      if (!order.has(imported)) visit(imported);
      if (stack.includes(imported)) low.set(file, Math.min(low.get(file), low.get(imported)));
    }
    if (low.get(file) !== order.get(file)) return;
    const cycle = stack.splice(stack.indexOf(file));
    if (cycle.length > 1) cycles.push(cycle);
  };
  for (const file of sources) if (!order.has(file)) visit(file);
  return cycles;
}

function tracked() {
  const names = execFileSync('git', ['ls-files'], { encoding: 'utf8', maxBuffer: 1e8 })
    .trim()
    .split('\n')
    // Somebody may be at work: what is deleted and not staged yet is still listed.
    .filter((name) => existsSync(name));
  return new Map(names.map((name) => [name, /\.ts$/.test(name) ? readFileSync(name, 'utf8') : '']));
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { cycles, undocumented, filesPerFolderMax, topLevel } = structureOf(tracked());
  for (const cycle of cycles) stdout.write(`These files import each other: ${cycle.join(', ')}\n`);
  for (const name of undocumented) stdout.write(`An exported function says nothing of itself: ${name}\n`);
  const counts = { cycles: cycles.length, filesPerFolderMax, undocumentedExports: undocumented.length, topLevel };
  stdout.write(`${JSON.stringify(counts)}\n`);
  if (cycles.length + undocumented.length > 0 || topLevel > TOP_LEVEL_MAX) exit(1);
}

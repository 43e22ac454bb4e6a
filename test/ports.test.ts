/**
 * Every port has a contract suite in test/contract, whose first line names it, and every implementation is run through it.
 *
 * Read from the sources. A port is an exported interface of the domain that has a method. An implementation is an exported
 * function or constant, of production code or of test/support, whose declared type is a port, extends one, or has one as a
 * field: a test that names it calls the suite. What a single test makes for itself, to fail for example, is not seen.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** Interfaces with methods that are no part of the world. */
const NO_PORTS: Readonly<Record<string, string>> = {
  Operation: 'what the API offers, by the domain itself',
  Proofs: 'computed from the files of a log',
  TileTree: 'computed from the tiles of a log',
  CustomerIndex: 'decides from customers that are known already',
  KnownCustomers: 'the same',
  CustomerLookup: 'asks the control store',
  AsksForPart: 'asks for the next run of the domain itself',
};

const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  silentLog: 'keeps nothing: no promise is left to test',
  scriptedKms: 'its answers are set by each test, right or wrong',
  scriptedByKey: 'the same',
};

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((file) => existsSync(join(ROOT, file)));
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const textsIn = (folder: RegExp) => tracked.filter((file) => folder.test(file)).map(textOf);

/** Names of the world that the domain's interfaces with a method have. */
function portsIn(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) =>
    [...text.matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)].flatMap(([, name = '', body = '']) =>
      /^ {2}\w+(<.*>)?\(/m.test(body) && !(name in NO_PORTS) ? [name] : [],
    ),
  );
}

interface Suite {
  readonly run: string;
  readonly ports: readonly string[];
}

function suiteIn(text: string): Suite {
  const promises = text.match(/^\/\*\* The promises of (.*?), for every implementation/)?.[1] ?? '';
  const run = text.match(/^export function (\w+Contract)\(/m)?.[1] ?? '';
  return { run, ports: [...promises.matchAll(/`(\w+)`/g)].map(([, port = '']) => port) };
}

interface Implementation {
  readonly name: string;
  readonly ports: readonly string[];
}

/** Which ports a type is or has: the port itself, and interfaces of the same file. */
function portsByType(text: string, ports: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const interfaces = [...text.matchAll(/^(?:export )?interface (\w+)([^{]*)\{\n([\s\S]*?)^\}/gm)].map(
    ([, name = '', bases = '', body = '']) => {
      const fields = [...body.matchAll(/^ {2}readonly \w+: (\w+);/gm)].map(([, type = '']) => type);
      const used = new Set([...bases.split(/\W+/), ...fields]);
      return [name, ports.filter((port) => used.has(port))] as const;
    },
  );
  return new Map<string, readonly string[]>([...ports.map((port) => [port, [port]] as const), ...interfaces]);
}

function implementationsIn(text: string, ports: readonly string[]): readonly Implementation[] {
  const byType = portsByType(text, ports);
  const functions = text.matchAll(
    /^export (?:async )?function (\w+)\((?:(?!^\}[^:,])[\s\S])*?\): (?:Promise<)?(\w+)>? \{$/gm,
  );
  const constants = text.matchAll(/^export const (\w+): (\w+) =/gm);
  return [...functions, ...constants].flatMap(([, name = '', type = '']) => {
    const implemented = byType.get(type) ?? [];
    return implemented.length > 0 && !(name in RUN_ELSEWHERE) ? [{ name, ports: implemented }] : [];
  });
}

const ports = portsIn(textsIn(/^shared\/domain\//));
const suites = textsIn(/^test\/contract\//).map(suiteIn);
const tests = textsIn(/\.test\.ts$/);
const implementations = textsIn(
  /^(shared\/(adapters|runtime)|cli|packages\/(?!local-aws)[^/]+|test\/support)\/(?!test\/)/,
)
  .flatMap((text) => implementationsIn(text, ports))
  .sort((one, other) => (one.name < other.name ? -1 : 1));

const names = (text: string, name: string) => new RegExp(`\\b${name}\\b`).test(text);

/** How many implementations a test runs through a suite: one a call, and what a table lists. */
const runs = (text: string, suite: string) =>
  text.includes(`${suite}(`) && text.includes('describe.each(')
    ? Number.POSITIVE_INFINITY
    : text.split(`${suite}(`).length - 1;

/** How many implementations of a port a test names. */
const named = (text: string, port: string) =>
  Math.max(1, implementations.filter((one) => one.ports.includes(port) && names(text, one.name)).length);

/** The ports of an implementation whose suite no test runs it through. */
const notRun = ({ name, ports: implemented }: Implementation): readonly string[] =>
  implemented.filter((port) => {
    const suite = suites.find((one) => one.ports.includes(port))?.run ?? '';
    return !tests.some((text) => names(text, name) && runs(text, suite) >= named(text, port));
  });

test('ports and implementations are found', () => {
  expect(ports).toEqual(expect.arrayContaining(['Pager', 'ControlStore', 'AuditObjects', 'KeyUses', 'Clock']));
  expect(ports.length).toBeGreaterThanOrEqual(25);
  const names = implementations.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['snsPager', 'memoryPager', 'memoryKms', 'pausePort', 'basicsOf']));
  expect(names.length).toBeGreaterThanOrEqual(45);
});

test('what is excepted is there', () => {
  const all = textsIn(/^(shared\/domain|test\/support)\//).join('\n');
  const exceptions = [...Object.keys(NO_PORTS), ...Object.keys(RUN_ELSEWHERE)];
  expect(
    exceptions.filter((name) => !new RegExp(`^export (interface|function|const) ${name}\\b`, 'm').test(all)),
  ).toEqual([]);
});

test('every port has one contract suite, and every suite a port', () => {
  expect(suites.flatMap((suite) => suite.ports).sort()).toEqual([...ports].sort());
  expect(suites.filter(({ run }) => run === '')).toEqual([]);
});

test.each(implementations)('$name is run through the contract of $ports', (implementation) => {
  expect(notRun(implementation)).toEqual([]);
});

test('an implementation that no test runs through its suite is found', () => {
  const planted =
    'export function carrierPigeon(\n  loft: string,\n): Pager {\n  return { page: async () => {} };\n}\n';

  expect(implementationsIn(planted, ports)).toEqual([{ name: 'carrierPigeon', ports: ['Pager'] }]);
  expect(notRun({ name: 'carrierPigeon', ports: ['Pager'] })).toEqual(['Pager']);
});

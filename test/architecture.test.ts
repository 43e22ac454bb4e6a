/** Which room may import which: docs/architecture.md draws this table. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

const ROOT = join(__dirname, '..');

/** From the inside out. A room may always import itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  events: [],
  'packages/keywright-verify': [],
  'packages/safe-files': [],
  'shared/domain': ['events'],
  'shared/adapters': ['events', 'shared/domain', 'packages/safe-files'],
  'packages/keywright-envelope': ['events', 'shared/domain', 'shared/adapters'],
  'shared/runtime': ['events', 'shared/domain', 'shared/adapters'],
  functions: ['events', 'shared/domain', 'shared/runtime'],
  'packages/local-aws': ['packages/safe-files'],
  cli: [
    'events',
    'shared/domain',
    'shared/adapters',
    'shared/runtime',
    'packages/keywright-envelope',
    'packages/keywright-verify',
    'packages/safe-files',
    'packages/local-aws',
  ],
  bench: [
    'events',
    'shared/domain',
    'shared/adapters',
    'shared/runtime',
    'packages/keywright-envelope',
    'packages/keywright-verify',
    'cli',
    'packages/local-aws',
    'test',
  ],
};
const ROOMS = Object.keys(MAY_IMPORT);

/** What a room may take from outside the product. A room that is not listed may take anything. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  events: /^zod\/mini$/,
  'packages/keywright-verify': /^node:(buffer|crypto|fs|fs\/promises|path|util)$/,
  'packages/safe-files': /^node:/,
  // Hashing is mathematics, not the world: the audit log's tree may use it. Inputs of operations are read by schema.
  'shared/domain': /^(node:crypto|zod\/mini)$/,
  functions: /^(?!)/,
};

/** What would let the domain see the world. */
const WORLD = /\bprocess\.|\bDate\.now\(|new Date\(\)|Math\.random\(|setTimeout\(|\bfetch\(/;

/** What lies in a package beside its sources. */
const BESIDE = /^packages\/[^/]+\/(test|dist|node_modules)\//;

const sources = ROOMS.flatMap((room) => filesBelow(join(ROOT, room)))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => relative(ROOT, file))
  .filter((file) => !BESIDE.test(file));

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

const roomOf = (file: string) => ROOMS.find((room) => file.startsWith(`${room}/`)) ?? file.replace(/\/.*/, '');

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:from\s+|import\(\s*)'([^']+)'/g)].map((match) => match[1] ?? '');
}

const OWN_PACKAGES = new Set(readdirSync(join(ROOT, 'packages')));

/** By its path, or by the name of one of our packages. */
const isOurs = (specifier: string) => specifier.startsWith('.') || OWN_PACKAGES.has(specifier.split('/')[0] ?? '');

const withinProduct = (file: string, specifier: string) =>
  specifier.startsWith('.')
    ? relative(ROOT, resolve(ROOT, dirname(file), specifier))
    : ['packages', ...specifier.split('/')].join(sep);

test('there are sources in every room', () => {
  for (const room of ROOMS) expect(sources.some((file) => roomOf(file) === room)).toBe(true);
});

test.each(sources)('%s imports only from the rooms it may', (file) => {
  const room = roomOf(file);
  const rooms = importsOf(file)
    .filter(isOurs)
    .map((specifier) => roomOf(withinProduct(file, specifier)));
  expect(rooms.filter((other) => other !== room && !MAY_IMPORT[room]?.includes(other))).toEqual([]);
});

test.each(sources)('%s takes only the packages its room may', (file) => {
  const allowed = PACKAGES[roomOf(file)];
  const packages = importsOf(file).filter((specifier) => !isOurs(specifier));
  expect(packages.filter((name) => allowed && !allowed.test(name))).toEqual([]);
});

test('node modules are imported by their node: name', () => {
  const bare = sources.flatMap((file) => importsOf(file).filter((name) => builtinModules.includes(name)));
  expect(bare).toEqual([]);
});

test.each(sources.filter((file) => roomOf(file) === 'shared/domain'))('%s does not see the world', (file) => {
  const code = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  expect(code.match(WORLD)?.[0]).toBeUndefined();
});

/**
 * Subjects of the domain, from the inside out. What only describes (nouns, tables, pure decisions: whatever does not reach
 * a `ports.ts`) any subject may import; what acts is called by the subjects after it alone.
 */
const SUBJECTS = [
  'outbox',
  'audit/log',
  'keys',
  'service-levels',
  'availability',
  'drills',
  'sla-ledger',
  'rotation',
  'reencryption',
  'retirement',
  'compromise',
  'customers',
  'audit',
  'subscriptions',
  'costs',
  'api',
];
const DOMAIN = 'shared/domain/';

/** Undefined: the root, which every subject needs. */
function subjectOf(file: string): string | undefined {
  const path = file.slice(DOMAIN.length);
  return SUBJECTS.find((subject) => path.startsWith(`${subject}/`));
}

const domainImportsOf = (file: string): readonly string[] =>
  importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => `${withinProduct(file, specifier)}.ts`)
    .filter((path) => path.startsWith(DOMAIN));

/** Whether a file acts on the world: it reaches ports, those of the root or a subject's. */
function acts(file: string, seen = new Set<string>()): boolean {
  if (basename(file) === 'ports.ts') return true;
  if (seen.has(file)) return false;
  seen.add(file);
  return domainImportsOf(file).some((imported) => acts(imported, seen));
}

const domain = sources.filter((file) => file.startsWith(DOMAIN));

test('every folder of the domain is a subject', () => {
  const folders = new Set(domain.map((file) => file.slice(DOMAIN.length)).filter((path) => path.includes('/')));
  expect([...folders].filter((path) => subjectOf(DOMAIN + path) === undefined)).toEqual([]);
  for (const subject of SUBJECTS) expect(domain.some((file) => subjectOf(file) === subject)).toBe(true);
});

test('what acts in one subject is called by the subjects after it alone', () => {
  const rank = (file: string) => SUBJECTS.indexOf(subjectOf(file) ?? '');
  const wrong = domain.flatMap((file) =>
    domainImportsOf(file)
      .filter((imported) => rank(imported) > rank(file) && acts(imported))
      .map((imported) => `${file} -> ${imported}`),
  );
  expect(wrong).toEqual([]);
});

test('rows are nouns alone', () => {
  expect(acts(`${DOMAIN}rows.ts`)).toBe(false);
});

/** `cancel-job` -> `cancelJob` */
const functionNamed = (file: string) =>
  basename(file, '.ts').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** A verb: it acts on the world, and its file is named for the function that does. */
const isVerb = (file: string) =>
  acts(file) &&
  new RegExp(`export (async )?(function|const) ${functionNamed(file)}\\b`).test(readFileSync(join(ROOT, file), 'utf8'));

/** Verbs that have no test of their name yet: tested through those that call them. This list only grows shorter. */
const WITHOUT_TEST: readonly string[] = [
  'api/list-rotations.ts',
  'availability/incidents/affected-stores.ts',
  'availability/observe-key.ts',
  'compromise/compromise-status.ts',
  'compromise/declare-data-keys.ts',
  'compromise/stages/inventory-data-keys.ts',
  'compromise/stages/notify-customers.ts',
  'compromise/stages/replace-key.ts',
  'customers/customer-lookup.ts',
  'keys/move-data-stores.ts',
  'reencryption/choose-target.ts',
  'reencryption/jobs/next-page.ts',
  'reencryption/jobs/work-current-batch.ts',
  'reencryption/jobs/work-data-key.ts',
  'reencryption/start-reencryption.ts',
  'retirement/steps/await-approval.ts',
  'retirement/steps/await-deletion.ts',
  'retirement/steps/request-deletion.ts',
  'retirement/steps/settle-kms.ts',
  'rotation/import-material.ts',
  'rotation/strategies/ask-customer.ts',
  'rotation/strategies/replace-key.ts',
];

test('every verb of the domain has a test of its name', () => {
  const tests = new Set(filesBelow(join(ROOT, 'test/unit/domain')).map((file) => basename(file, '.test.ts')));
  const untested = domain.filter((file) => isVerb(file) && !tests.has(basename(file, '.ts')));
  expect(untested.map((file) => file.slice(DOMAIN.length)).sort()).toEqual(WITHOUT_TEST);
});

test('that a row is not there is said in one place', () => {
  const saying = domain.filter((file) => /is not registered[.:`']/.test(readFileSync(join(ROOT, file), 'utf8')));
  expect(saying.filter((file) => !file.endsWith('/require-row.ts'))).toEqual([
    `${DOMAIN}availability/receive-reports.ts`,
  ]);
});

test('zod is imported in the form that bundles small', () => {
  const others = sources.filter((file) => importsOf(file).includes('zod'));
  expect(others).toEqual([]);
});

test('production code knows nothing of local AWS', () => {
  const rooms = [
    'events',
    'shared/domain',
    'shared/adapters',
    'shared/runtime',
    'packages/keywright-envelope',
    'functions',
  ];
  const naming = sources.filter(
    (file) =>
      rooms.includes(roomOf(file)) &&
      /AWS_ENDPOINT_URL|localhost|127\.0\.0\.1/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  expect(naming).toEqual([]);
});

test('a function, its place in serverless.yml and its verb in the domain share one name', () => {
  const functions = readdirSync(join(ROOT, 'functions')).map((file) => file.replace(/\.ts$/, ''));
  const template = readFileSync(join(ROOT, 'serverless.yml'), 'utf8');
  const declared = [...template.matchAll(/^ {4}([a-z-]+):$/gm)].map((match) => match[1]);
  const verbs = filesBelow(join(ROOT, 'shared/domain')).map((file) => basename(file, '.ts'));

  for (const name of functions) {
    expect(declared).toContain(name);
    // Of the operations that people call, the API is the list.
    expect(verbs).toContain(name === 'api' ? 'catalogue' : name);
  }
});

test('the repository has few enough entries to see at a glance', () => {
  // What git tracks: what a visitor leaves lying beside it is theirs.
  const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  const entries = new Set(tracked.map((path) => path.replace(/\/.*/, '')).filter((entry) => !entry.startsWith('.')));
  expect(entries.size).toBeGreaterThan(10);
  expect(entries.size).toBeLessThanOrEqual(18);
});

/** Makes docs/lifecycle.md: states and moves from the tables themselves, what they mean and who causes them from `lifecycles/`. */
import type { Moves } from '../../shared/domain/legal-moves';
import { INCIDENT, NOTICE, WATCH } from './lifecycles/availability';
import { COMPROMISE, CONTAINMENT, EXPOSURE } from './lifecycles/compromise';
import type { About, Way } from './lifecycles/describe';
import { DRILL } from './lifecycles/drills';
import { KEY } from './lifecycles/keys';
import { JOB, SHARD } from './lifecycles/reencryption';
import { APPROVAL, BACKUP, RETIREMENT } from './lifecycles/retirement';
import { ROTATION } from './lifecycles/rotation';
import { SUBSCRIPTION } from './lifecycles/subscriptions';
import { LIFECYCLES } from './lifecycles/tables';

type Lifecycles = typeof LIFECYCLES;

type AboutAll<Tables extends readonly Pick<Moves<never>, 'states'>[]> = {
  readonly [At in keyof Tables]: About<Tables[At]>;
};

/** A table that nothing describes does not compile. */
const ABOUT: { readonly [N in keyof Lifecycles]: AboutAll<Lifecycles[N]> } = {
  'kms-key': [KEY],
  rotation: [ROTATION],
  'reencryption-job': [JOB],
  'reencryption-shard': [SHARD],
  retirement: [RETIREMENT],
  approval: [APPROVAL],
  'declared-backup': [BACKUP],
  compromise: [COMPROMISE, CONTAINMENT],
  exposure: [EXPOSURE],
  'key-watch': [WATCH],
  incident: [INCIDENT],
  'customer-notice': [NOTICE],
  drill: [DRILL],
  subscription: [SUBSCRIPTION],
};

const HEAD = `# Lifecycles

Generated from the tables of legal moves in \`shared/domain\` and from \`cli/docs/lifecycles/\` by \`npm run docs\`; a test fails when this page
is behind.

A row is in one state. It begins in one that its diagram begins with, and leaves it by the arrows alone: whatever sets a state asks the table
beside the row’s type, and a move that the table lacks is a bug that throws \`IllegalMove\` ([why so](decisions/052-legal-moves.md)). To stay
in a state is always legal. A row type that is not here has no state: customers, data stores, policies and rules only change their fields.

Who may cause a move: *one person*, by the API or the command line; *two people*, who have to agree; *Keywright*, by itself; *the application*
that a data store belongs to; *outside*, which is AWS, a customer, or whoever else may call KMS, by an act that Keywright notices and confirms.
The fact is committed in the same transaction as the move; *later* tells of one that follows with the next change. [What facts say](events.md).`;

/** docs/lifecycle.md as it should be. */
export function lifecyclePage(): string {
  const abouts: Readonly<Record<string, readonly Described[]>> = ABOUT;
  const sections = Object.entries(LIFECYCLES).flatMap(([entityType, tables]) =>
    tables.flatMap((table: Table, at) => {
      const about = abouts[entityType]?.[at];
      return about ? [sectionOf(table, about)] : [];
    }),
  );
  return `${[HEAD, ...sections].join('\n\n')}\n`;
}

type Table = Pick<Moves<never>, 'entityType' | 'states'>;

/** What every `About` is. */
interface Described {
  readonly title: string;
  readonly states: Readonly<Record<string, DescribedState>>;
}

interface DescribedState {
  readonly entry: string;
  readonly begins?: readonly Way[];
  readonly next: Readonly<Record<string, readonly Way[]>>;
}

const sectionOf = (table: Table, { title, states }: Described): string =>
  [
    `## ${title}`,
    `Rows of the type \`${table.entityType}\`.`,
    ['```mermaid', 'stateDiagram-v2', ...diagramOf(table).map((line) => `  ${line}`), '```'].join('\n'),
    [
      '| state | what is true on entry | ways out | who may cause it | the fact that says so |',
      '|---|---|---|---|---|',
      ...Object.entries(states).flatMap(([name, state]) => beginsOf(name, state)),
      ...Object.entries(states).flatMap(([name, state]) => rowsOf(name, state)),
    ].join('\n'),
  ].join('\n\n');

/** Mermaid takes no hyphen in the id of a state. */
const idOf = (state: string): string => state.replaceAll('-', '_');

function diagramOf({ states }: Table): readonly string[] {
  const named = Object.entries(states);
  return [
    ...named.flatMap(([name]) => (name === idOf(name) ? [] : [`state "${name}" as ${idOf(name)}`])),
    ...named.flatMap(([name, { initial }]) => (initial ? [`[*] --> ${idOf(name)}`] : [])),
    ...named.flatMap(([name, { next }]) => next.map((to) => `${idOf(name)} --> ${idOf(to)}`)),
    ...named.flatMap(([name, { next }]) => (next.length === 0 ? [`${idOf(name)} --> [*]`] : [])),
  ];
}

const beginsOf = (name: string, { begins = [] }: DescribedState): readonly string[] =>
  begins.map((way, at) => `| ${at === 0 ? '*begins*' : ''} | | ${at === 0 ? code(name) : ''} | ${causesOf(way)} |`);

function rowsOf(name: string, { entry, next }: DescribedState): readonly string[] {
  const ways = Object.entries(next).flatMap(([to, found]) =>
    found.map((way, at) => `${at === 0 ? code(to) : ''} | ${causesOf(way)}`),
  );
  const [first = 'none | | ', ...more] = ways;
  return [`| ${code(name)} | ${entry} | ${first} |`, ...more.map((way) => `| | | ${way} |`)];
}

const causesOf = ({ by, fact, later }: Way): string =>
  `${by.join(', ')} | ${fact ? `${code(fact.detailType)}${later ? ', later' : ''}` : 'none'}`;

const code = (name: string): string => `\`${name}\``;

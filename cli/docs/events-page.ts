/**
 * Makes docs/events.md: names and fields from the contracts themselves, readers from the packaged template, and what a
 * fact means from the comment above its contract, which is where whoever changes it looks.
 */
import { type EventContract, SOURCE } from '../../events/define-event';
import { meaningOf } from './meanings';
import { typeOf } from './types';

/** One file of `events/`. */
export interface EventSource {
  readonly file: string;
  readonly text: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** The part of a CloudFormation template that says who reads what. */
export interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
}

const HEAD = `# Facts

Generated from \`events/\` and the packaged template by \`npm run docs\`; a test fails when this page is behind.

A fact says what became true, in the past tense. Each is one EventBridge event on the bus \`keywright-STAGE\`, with source
\`${SOURCE}\` and the name below as its detail type. It is written into the control table in the same transaction as the change
it tells of, and published from there: none is lost, none tells of what did not happen.

Delivery is at least once and unordered, so a fact is a hint: read the state before acting, and deduplicate on what is named.
Readers drop fields they do not know. A breaking change is a second contract beside the first.`;

/** @throws Error naming the contract that lacks what the page needs. */
export function eventsPage(sources: readonly EventSource[], template: Template): string {
  const facts = sources.flatMap(factsOf).sort((a, b) => (a.contract.detailType < b.contract.detailType ? -1 : 1));
  const list = facts.map(
    ({ contract, about }) =>
      `| [\`${contract.detailType}\`](#${anchorOf(contract)}) | ${cellOf(firstSentence(about.when))} |`,
  );
  return `${[
    HEAD,
    ['| fact | when |', '|---|---|', ...list].join('\n'),
    ...facts.map((fact) => sectionOf(fact, readersOf(fact.contract, template))),
  ].join('\n\n')}\n`;
}

interface Fact {
  readonly contract: EventContract<unknown>;
  readonly about: About;
  readonly comments: ReadonlyMap<string, string>;
}

interface About {
  readonly when: string;
  readonly publishedBy: string;
  readonly deduplicateOn: string;
}

/** A contract with the comment above it. */
const CONTRACT = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const (\w+) = defineEvent\(([\s\S]*?)\}\);/g;

function factsOf({ file, text, exports }: EventSource): Fact[] {
  return [...text.matchAll(CONTRACT)].map(([, comment = '', name = '', body = '']) => ({
    contract: exports[name] as EventContract<unknown>,
    about: aboutOf(proseOf(comment), `${file} ${name}`),
    comments: fieldComments(body),
  }));
}

function aboutOf(prose: string, where: string): About {
  const [, when, publishedBy] =
    /^([\s\S]*?)\n\nPublished by: ([\s\S]*?)(?: Read by: [\s\S]*?)?(?:\nDelivery|$)/.exec(prose) ?? [];
  const deduplicateOn = /Deduplicate on ([\s\S]*?)\.(?:\s|$)/.exec(prose)?.[1];
  if (when === undefined || publishedBy === undefined || deduplicateOn === undefined) {
    throw new Error(`${where}: its comment says when, then "Published by: …" and "Delivery: … Deduplicate on …".`);
  }
  return { when, publishedBy: publishedBy.replace(/\.$/, '').replaceAll('functions/', ''), deduplicateOn };
}

/** The text of a comment, without its stars. */
function proseOf(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trimEnd());
  return lines.join('\n').trim();
}

/** What stands above a field, by the field's name. */
function fieldComments(body: string): ReadonlyMap<string, string> {
  const found = body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+)[:,]/g);
  return new Map([...found].map(([, comment = '', field = '']) => [field, joined(proseOf(comment))]));
}

/** The functions whose queue a rule on our bus fills with this fact. */
function readersOf({ detailType }: EventContract<unknown>, { Resources }: Template): string[] {
  const rules = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Events::Rule');
  const matching = rules.filter(({ Properties }) => {
    const pattern = (Properties?.['EventPattern'] ?? {}) as Readonly<Record<string, readonly string[]>>;
    return pattern['source']?.includes(SOURCE) && pattern['detail-type']?.includes(detailType);
  });
  return matching.flatMap(({ Properties }) => queuesOf(Properties).map(functionOf)).sort();
}

function queuesOf(properties: Readonly<Record<string, unknown>> = {}): string[] {
  const targets = (properties['Targets'] ?? []) as readonly {
    readonly Arn?: { readonly 'Fn::GetAtt'?: readonly string[] };
  }[];
  return targets.flatMap(({ Arn }) => Arn?.['Fn::GetAtt']?.[0] ?? []);
}

/** `RotateKeyQueue` -> `rotate-key` */
function functionOf(queueId: string): string {
  return queueId
    .replace(/Queue$/, '')
    .replace(/(?<!^)([A-Z])/g, '-$1')
    .toLowerCase();
}

function sectionOf({ contract, about, comments }: Fact, readers: readonly string[]): string {
  const rows = Object.entries(contract.fields).map(([name, schema]) => {
    const { type, isOptional } = typeOf(schema);
    return `| \`${name}\`${isOptional ? ' (optional)' : ''} | ${cellOf(type)} | ${cellOf(comments.get(name) ?? meaningOf(name, contract.detailType))} |`;
  });
  return [
    `## ${contract.detailType}`,
    about.when.split('\n\n').map(joined).join('\n\n'),
    `Published by ${about.publishedBy}. Read by ${readers.join(', ') || 'nobody within the product: it is for integrators'}. Deduplicate on ${joined(about.deduplicateOn)}.`,
    ['| field | type | meaning |', '|---|---|---|', ...rows].join('\n'),
  ].join('\n\n');
}

const joined = (paragraph: string) => paragraph.replaceAll('\n', ' ');
const firstSentence = (text: string) => joined(/^[\s\S]*?\.(?=\s|$)/.exec(text)?.[0] ?? text);
const cellOf = (text: string) => text.replaceAll('|', '\\|');
/** As GitHub makes anchors of headings: without dots. */
const anchorOf = ({ detailType }: EventContract<unknown>) => detailType.replaceAll('.', '');

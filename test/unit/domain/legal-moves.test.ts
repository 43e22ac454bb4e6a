import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIFECYCLES } from '../../../cli/docs/lifecycles/tables';
import { KEY_MOVES } from '../../../shared/domain/keys/kms-key';
import { IllegalMove, type Moves, transition } from '../../../shared/domain/legal-moves';
import { APPROVAL_MOVES } from '../../../shared/domain/retirement/approval';
import { retryOnConflict } from '../../../shared/domain/retry-on-conflict';
import { mayPassOnRetry } from '../../../shared/runtime/on-queue';
import { aKmsKey } from '../../support/make';

const SHARED = join(__dirname, '../../../shared');

describe('a row', () => {
  test('goes where its table says, and may stay where it is', () => {
    const [active, retiring] = [aKmsKey(), aKmsKey({ state: 'retiring' })];

    expect(transition(KEY_MOVES, active, retiring)).toBe(retiring);
    expect(transition(KEY_MOVES, retiring, retiring)).toBe(retiring);
    expect(transition(KEY_MOVES, undefined, active)).toBe(active);
  });

  test('goes nowhere else: the error names its type and both states, and nothing of the row', () => {
    const back = () => transition(KEY_MOVES, aKmsKey({ state: 'retiring' }), aKmsKey());

    expect(back).toThrow(new IllegalMove('kms-key', 'retiring', 'active'));
    expect(back).toThrow(/^kms-key: by its table of legal moves no row may go from retiring to active\.$/);
  });

  test('begins in no state but those in which its table lets rows begin', () => {
    const born = () => transition(KEY_MOVES, undefined, aKmsKey({ state: 'disabled' }));

    expect(born).toThrow(/^kms-key: .* no row may begin as disabled\.$/);
  });

  test('in a state that its table does not know goes nowhere', () => {
    const from = { ...aKmsKey(), state: 'gone' as 'active' };

    expect(() => transition(KEY_MOVES, from, aKmsKey())).toThrow(/from gone to active/);
  });

  test('that keeps no state is in the one that its fields tell', () => {
    const asked = {
      kmsKeyArn: 'arn',
      step: 'disable',
      certificateHash: 'hash',
      requestedBy: 'alice',
      requestedAt: '2026-11-24T12:00:00.000Z',
      reason: 'unused',
      expiresAt: '2026-12-01T12:00:00.000Z',
      revision: 1,
    } as const;
    const approved = { ...asked, approvedBy: 'bob' };

    expect(transition(APPROVAL_MOVES, asked, approved)).toBe(approved);
    expect(() => transition(APPROVAL_MOVES, asked, { ...asked, usedAt: asked.expiresAt })).toThrow(
      /from requested to used/,
    );
  });
});

test('an illegal move is a bug: its trigger tries again and raises an alarm, and does not park it as if it were known', () => {
  expect(mayPassOnRetry(new IllegalMove('kms-key', 'retiring', 'active'))).toBe(true);
});

describe('rows that were read at different moments', () => {
  const illegal = new IllegalMove('rotation', 'rotated', 'requested');

  test('may seem to ask for an illegal move: they are read again', async () => {
    const run = jest.fn().mockRejectedValueOnce(illegal).mockResolvedValue('done');

    expect(await retryOnConflict(run)).toBe('done');
    expect(run).toHaveBeenCalledTimes(2);
  });

  test('are not to blame for one that comes every time', async () => {
    await expect(retryOnConflict(() => Promise.reject(illegal))).rejects.toBe(illegal);
  });
});

const TABLES = Object.entries(LIFECYCLES).flatMap(([entityType, tables]) =>
  tables.map((moves: Moves<never>) => [entityType, moves] as const),
);

test.each(TABLES)('%s: rows can begin, and every state can be reached', (entityType, { entityType: named, states }) => {
  const reached = new Set(Object.keys(states).filter((state) => states[state]?.initial));
  for (const state of reached) for (const next of states[state]?.next ?? []) reached.add(next);

  expect(named).toBe(entityType);
  expect([...reached].sort()).toEqual(Object.keys(states).sort());
});

describe('no state is set but through a transition', () => {
  /** What people are shown of a row, and nobody commits. */
  const SHOWN = [
    'domain/api/backups.ts',
    'domain/availability/key-evidence.ts',
    'domain/availability/unavailable-stores.ts',
  ];
  const files = readdirSync(SHARED, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && !SHOWN.includes(file));

  test('in no source', () => {
    const direct = sources.flatMap((file) =>
      statesSetIn(readFileSync(join(SHARED, file), 'utf8')).map((found) => `${file}: ${found}`),
    );

    expect(sources.length).toBeGreaterThan(150);
    expect(direct).toEqual([]);
  });

  test.each([
    ["const row: KmsKey = { ...key, state: 'disabled' };"],
    ["return { ...job, state: isDone ? 'done' : 'running', dueAt };"],
    ["commit({ ...moved(row), stage: 'quiet' });"],
    ['const row = {\n  ...retirement,\n  since: at,\n  stage: to,\n};'],
    ['return { ...notified, stage };'],
    ['return { ...kept, availability: verdict.availability, verdict };'],
    ["const row = transition(KEY_MOVES, key, next({ a: 1 }));\nreturn { ...row, state: 'active' };"],
  ])('one that is planted is found: %s', (planted) => {
    expect(statesSetIn(planted)).not.toEqual([]);
  });

  test.each([
    ["transition(KEY_MOVES, key, { ...key, state: 'disabled' });"],
    ["compromiseTransition(before, { ...rest(before), stage: 'over', state: 'ended' });"],
    ["interface Row {\n  readonly state: 'open' | 'closed';\n}"],
    ["if (key.state === 'active') return { jobId, state };"],
  ])('what sets none is left alone: %s', (text) => {
    expect(statesSetIn(text)).toEqual([]);
  });
});

/** Where an object is given a state by name, or the state of another value than the one it is a copy of. */
function statesSetIn(text: string): readonly string[] {
  const code = withoutTransitions(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''));
  const named = code.match(/(?<!readonly )\b(?:state|stage):\s[^,;{}()]*'.*/g) ?? [];
  const copied = code.match(/\{\s*\.\.\.\w+,(?:[^{}']*[\s,])?(?:state|stage|availability)\b\s*[:,}]/g) ?? [];
  return [...named, ...copied];
}

/** The code without its calls of `transition`. */
function withoutTransitions(code: string): string {
  const call = /\b(?:transition|compromiseTransition)(?:<\w+>)?\(/.exec(code);
  if (!call) return code;
  const start = call.index + call[0].length;
  let end = start;
  for (let open = 1; open > 0 && end < code.length; end += 1) open += { '(': 1, ')': -1 }[code[end] ?? ''] ?? 0;
  return code.slice(0, call.index) + withoutTransitions(code.slice(end));
}

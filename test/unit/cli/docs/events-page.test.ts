import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { eventsPage, type Template } from '../../../../cli/docs/events-page';
import { defineEvent } from '../../../../events/define-event';
import { kmsKeyArn, text } from '../../../../events/fields';

const ROOT = join(__dirname, '../../../..');

const keyLost = defineEvent('key-lost', 1, {
  kmsKeyArn,
  finder: z.optional(text),
  where: z.array(z.enum(['sea', 'land'])),
  reason: text,
});
const source = (comment: string, where = '/** Where it was seen | last. */') => ({
  file: 'key-lost.ts',
  text: `${comment}\nexport const keyLost = defineEvent('key-lost', 1, {\n  kmsKeyArn,\n  /** Who has it. */\n  finder: z.optional(text),\n  ${where}\n  where: z.array(z.enum(['sea'])),\n  reason: text,\n});\n`,
  exports: { keyLost },
});
const COMMENT = `/**
 * A key was lost. Nobody\n * knows how.
 *
 * Published by: functions/lose-key. Read by: functions/nobody-any-more.
 * Delivery: at least once, unordered. Deduplicate on kmsKeyArn.
 */`;
const reading = (...detailTypes: readonly string[]): Template => ({
  Resources: {
    FindKeyFactsRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['keywright'], 'detail-type': detailTypes },
        Targets: [{ Arn: { 'Fn::GetAtt': ['FindKeyQueue', 'Arn'] } }],
      },
    },
  },
});

test('a fact is told with when, publisher, its readers by the template, and each field with type and meaning', () => {
  const page = eventsPage([source(COMMENT)], reading('key-lost.v1'));

  expect(page).toContain('| [`key-lost.v1`](#key-lostv1) | A key was lost. |');
  expect(page).toContain('A key was lost. Nobody knows how.');
  expect(page).toContain('Published by lose-key. Read by find-key. Deduplicate on kmsKeyArn.');
  expect(page).toContain('| `kmsKeyArn` | full ARN of a KMS key | the KMS key it is about |');
  expect(page).toContain('| `finder` (optional) | text | Who has it. |');
  expect(page).toContain('| `where` | list of `sea`, `land` | Where it was seen \\| last. |');
});

test('a fact that no rule takes is said to be read by nobody within', () => {
  expect(eventsPage([source(COMMENT)], reading('other.v1'))).toContain('Read by nobody within the product');
});

test('a contract whose comment does not say who publishes it is refused by name', () => {
  expect(() => eventsPage([source('/** A key was lost. */')], reading())).toThrow(/key-lost.ts keyLost.*Published by/);
});

test('a field that nothing explains is refused by name', () => {
  expect(() => eventsPage([source(COMMENT, '')], reading())).toThrow(/key-lost\.v1.*where/);
});

test('docs/events.md is what the contracts and the template say now', () => {
  const files = readdirSync(join(ROOT, 'events'));
  const sources = files.map((file) => ({
    file,
    text: readFileSync(join(ROOT, 'events', file), 'utf8'),
    exports: require(join(ROOT, 'events', file)),
  }));
  const template = JSON.parse(
    readFileSync(join(ROOT, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
  );

  const page = eventsPage(sources, template);

  expect(page.match(/^## /gm)).toHaveLength(
    sources.reduce((sum, { text: code }) => sum + (code.match(/= defineEvent\(/g) ?? []).length, 0),
  );
  // Otherwise: npm run docs.
  expect(readFileSync(join(ROOT, 'docs/events.md'), 'utf8')).toBe(page);
});

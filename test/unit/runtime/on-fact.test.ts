import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { keyRotated } from '../../../events/key-rotated';
import { basicsOf } from '../../../shared/runtime/basics';
import { onFact, onQueue } from '../../../shared/runtime/on-queue';
import { aMaterial, anArn, NOW, silentLog } from '../../support/make';
import { memoryControlStore } from '../../support/memory-control-store';
import { memoryPark } from '../../support/memory-park';

const FACT = keyRotated.of({
  factId: 'fact-1',
  at: NOW,
  rotationId: 'rotation-1',
  kmsKeyArn: anArn(),
  toKmsKeyArn: anArn(),
  fromKeyMaterialId: aMaterial(1),
  toKeyMaterialId: aMaterial(2),
  strategy: 'kms-on-demand',
  startedBy: 'schedule',
  reencrypt: true,
});

async function world() {
  const control = memoryControlStore();
  await control.commit({ writes: [], facts: [FACT] });
  const park = memoryPark();
  const heard: unknown[] = [];
  const ports = {
    ...basicsOf('test'),
    log: silentLog,
    control,
    park,
  };
  const handler = onQueue([onFact(keyRotated, async (detail) => heard.push(detail), ports)], ports);
  const receive = (...bodies: readonly string[]) => {
    const records = bodies.map((body, at) => ({ messageId: `message-${at}`, body, attributes: {} }) as SQSRecord);
    return handler({ Records: records } as SQSEvent, {} as Context);
  };
  return { receive, parked: park.parked, heard };
}

const message = (fields: Readonly<Record<string, unknown>> = {}, detailType = FACT.detailType) =>
  JSON.stringify({ 'detail-type': detailType, detail: { ...FACT.detail, ...fields } });

test('a fact is acted on as the outbox has it, whatever the order of its fields', async () => {
  const { receive, parked, heard } = await world();
  const turned = Object.fromEntries(Object.entries(FACT.detail).reverse());

  const answer = await receive(message(), JSON.stringify({ 'detail-type': FACT.detailType, detail: turned }));

  expect(answer).toEqual({ batchItemFailures: [] });
  expect([heard, parked]).toEqual([[FACT.detail, FACT.detail], []]);
});

test.each([
  ['that nobody committed', message({ factId: 'fact-2' })],
  ['that has no name', message({ factId: undefined })],
  ['whose name is longer than a key', message({ factId: 'x'.repeat(5_000) })],
  ['with other words than the outbox', message({ reencrypt: false })],
  ['with more words than the outbox', message({ invented: 'words' })],
  ['without detail', JSON.stringify({ 'detail-type': FACT.detailType })],
  ['nested without end', message().replace('"factId"', `"deep":${'['.repeat(50_000)}${']'.repeat(50_000)},"factId"`)],
])('a fact %s is parked with the reason, and the one beside it is done', async (_, forged) => {
  const { receive, parked, heard } = await world();

  const answer = await receive(forged, message());

  expect(answer).toEqual({ batchItemFailures: [] });
  expect(heard).toEqual([FACT.detail]);
  expect(parked).toMatchObject([{ body: forged, reason: { code: 'contract.violated' } }]);
});

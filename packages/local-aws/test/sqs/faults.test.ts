import type { Fault } from '../../contracts';
import { anSqs, bodies } from './fixture';

async function aFaultyQueue(fault: Pick<Fault, 'kind' | 'delayMs'>, name = 'jobs') {
  const sqs = anSqs();
  const url = await sqs.queue(name);
  for (const body of ['a', 'b']) await sqs.send(url, body, name.endsWith('.fifo') ? { MessageGroupId: 'g' } : {});
  sqs.world.faults.set([{ service: 'sqs', operation: 'Deliver', probability: 1, times: 1, ...fault }]);
  return { ...sqs, url };
}

test('a planned duplicate hands a message out again while its receiver still has it', async () => {
  const { url, receive } = await aFaultyQueue({ kind: 'duplicate' });
  expect(bodies(await receive(url))).toEqual(['a', 'b']);
  expect(bodies(await receive(url))).toEqual(['a']);
  expect(await receive(url)).toEqual([]);
});

test('a planned drop loses an answer, never a message: it comes again after its timeout', async () => {
  const { world, url, receive } = await aFaultyQueue({ kind: 'drop' });
  expect(bodies(await receive(url))).toEqual(['b']);
  world.clock.advance(30_000);
  const again = await receive(url);
  expect(bodies(again)).toContain('a');
  expect(again.find(({ Body }) => Body === 'a')?.Attributes?.['ApproximateReceiveCount']).toBe('2');
});

test('a planned delay holds a message back and does not count as a receive', async () => {
  const { world, url, receive } = await aFaultyQueue({ kind: 'delay', delayMs: 5_000 });
  expect(bodies(await receive(url))).toEqual(['b']);
  world.clock.advance(5_000);
  expect(await receive(url)).toMatchObject([{ Body: 'a', Attributes: { ApproximateReceiveCount: '1' } }]);
});

test('a planned reorder lets a later message go first', async () => {
  const { url, receive } = await aFaultyQueue({ kind: 'reorder' });
  expect(bodies(await receive(url))).toEqual(['b']);
  expect(bodies(await receive(url))).toEqual(['a']);
});

test.each(['drop', 'delay', 'reorder'] as const)(
  'not even a planned %s breaks the order of a FIFO group',
  async (kind) => {
    const { world, url, receive } = await aFaultyQueue({ kind, delayMs: 1_000 }, 'jobs.fifo');
    expect(await receive(url)).toEqual([]);
    world.clock.advance(30_000);
    expect(bodies(await receive(url))).toEqual(['a', 'b']);
  },
);

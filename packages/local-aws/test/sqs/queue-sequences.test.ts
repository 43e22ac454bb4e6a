/** Random sequences of calls against the engine and against a list: they must agree after each, and lose nothing in the end. */
import fc from 'fast-check';
import { localWorld } from '../support/local-world';
import { anSqs, type Received } from './fixture';
import { type QueueModel, queueModel } from './queue-model';

const GROUPS = ['g1', 'g2', 'g3'];
const RUNS = 300;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      group: fc.nat(2),
      delaySeconds: fc.constantFrom(0, 0, 5),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('receive' as const),
      max: fc.integer({ min: 1, max: 10 }),
      seconds: fc.constantFrom(0, 2, 30),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), pick: fc.nat(50) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('hide' as const), pick: fc.nat(50), seconds: fc.constantFrom(0, 3, 60) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 1_999, 2_000, 31_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function aRun(name: string) {
  const isFifo = name.endsWith('.fifo');
  const world = localWorld();
  const model = queueModel();
  const handles: string[] = [];
  let sqs = anSqs(world);
  let sent = 0;
  const url = await sqs.queue(name);
  const now = () => world.clock.now();

  /** A FIFO queue refuses a handle whose time is over; the model then deletes nothing either. */
  async function remove(handle: string) {
    await sqs.remove(url, handle).catch(() => undefined);
    model.remove(handle, now());
  }

  const steps = {
    async send({ group, delaySeconds }: Extract<Step, { kind: 'send' }>) {
      const body = `m${sent++}`;
      // A FIFO queue knows no delay of a single message.
      await sqs.send(url, body, isFifo ? { MessageGroupId: GROUPS[group] } : { DelaySeconds: delaySeconds });
      model.send(body, isFifo ? GROUPS[group] : undefined, now() + (isFifo ? 0 : delaySeconds * 1_000));
    },
    async receive({ max, seconds }: { readonly max: number; readonly seconds: number }) {
      const received = await sqs.receive(url, { MaxNumberOfMessages: max, VisibilityTimeout: seconds });
      checkReceived(model, received, max, now());
      for (const { Body, ReceiptHandle } of received) {
        model.received(Body, ReceiptHandle, now() + seconds * 1_000);
        handles.push(ReceiptHandle);
      }
      return received;
    },
    async delete({ pick }: Extract<Step, { kind: 'delete' }>) {
      const handle = handles[pick % handles.length];
      if (handle !== undefined) await remove(handle);
    },
    async hide({ pick, seconds }: Extract<Step, { kind: 'hide' }>) {
      const inFlight = model.messages.filter(({ visibleAt, receiveCount }) => receiveCount > 0 && visibleAt > now());
      const message = inFlight[pick % inFlight.length];
      if (message === undefined) return;
      await sqs.hide(url, message.handle, seconds);
      message.visibleAt = now() + seconds * 1_000;
    },
    async pass({ ms }: Extract<Step, { kind: 'pass' }>) {
      world.clock.advance(ms);
    },
    async restart() {
      sqs = anSqs(world);
    },
  };

  return {
    model,
    steps,
    now,
    remove,
    counts: () => sqs.counts(url),
    take: (next: Step) => steps[next.kind](next as never),
    wait: (ms: number) => world.clock.advance(ms),
    sent: () => Array.from({ length: sent }, (_, index) => `m${index}`),
  };
}

/** As many as there are and were asked for, each of them open, each group from its oldest on. */
function checkReceived(model: QueueModel, received: readonly Received[], max: number, now: number) {
  const open = model.open(now);
  expect(received).toHaveLength(Math.min(max, open.length));
  const bodies = received.map(({ Body }) => Body);
  expect(new Set(bodies).size).toBe(bodies.length);
  for (const group of new Set(open.map((message) => message.group))) {
    const ofGroup = open.filter((message) => message.group === group).map(({ body }) => body);
    const got = bodies.filter((body) => ofGroup.includes(body));
    if (group !== undefined) expect(got).toEqual(ofGroup.slice(0, got.length));
  }
  for (const { Body, Attributes } of received) {
    const message = open.find(({ body }) => body === Body);
    expect(Attributes?.['ApproximateReceiveCount']).toBe(String((message?.receiveCount ?? Number.NaN) + 1));
  }
}

test.each(['jobs', 'jobs.fifo'])(
  '%s agrees with the list after every call, and every message is delivered or was deleted',
  async (name) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const run = await aRun(name);
        for (const next of steps) {
          await run.take(next);
          expect(await run.counts()).toEqual(run.model.counts(run.now()));
        }

        run.wait(3_600_000);
        while (run.model.messages.length > 0) {
          const received = await run.steps.receive({ max: 10, seconds: 30 });
          expect(received).not.toEqual([]);
          for (const { ReceiptHandle } of received) await run.remove(ReceiptHandle);
        }
        expect([...run.model.deleted].sort()).toEqual(run.sent().sort());
        expect(await run.counts()).toEqual([0, 0, 0]);
      }),
      { numRuns: RUNS },
    );
  },
);

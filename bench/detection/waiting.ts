/** Waiting for what the product does, in real time or by local AWS's clock. */
import type { Product } from './product';

const LOOK_MS = 100;
/** What events and applications tell is told by then: an application tries a lost key again once a minute. */
const PATIENCE_MS = 75_000;
const STEP_MS = 10_000;
const STEPS_MAX = 42;
/** Real time that a step may take: what is on its way then arrives late by the clock, and never early. */
const SETTLING_MS = 3_000;

type Done = () => Promise<boolean>;

/** In real time. What does not come is not waited for: it is counted. */
export async function waitUntil(isDone: Done): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end && !(await isDone()); ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** By the clock, seven minutes at the most. */
export async function stepUntil(product: Product, isDone: Done): Promise<void> {
  for (let step = 0; step < STEPS_MAX && !(await isDone()); step += 1) {
    product.aws.clock.advance(STEP_MS);
    await settled(product);
  }
}

/** Nothing is on its way any more, or what is waits for something that is dead: where that is so nothing ever comes to rest. */
export const settled = ({ aws }: Product, ms = SETTLING_MS): Promise<unknown> =>
  Promise.race([aws.idle(), new Promise((resolve) => setTimeout(resolve, ms).unref())]);

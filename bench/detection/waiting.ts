/** Waiting for what the product does, in real time or by local AWS's clock. */
import type { Product } from './product';

const LOOK_MS = 100;
const PATIENCE_MS = 60_000;
const STEP_MS = 10_000;
const STEPS_MAX = 60;
const SETTLING_MS = 400;

type Wait = (product: Product, isDone: () => Promise<boolean>) => Promise<void>;

/** In real time. What does not come is not waited for: it is counted. */
export const waitUntil: Wait = async (_product, isDone) => {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end && !(await isDone()); ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
};

/** By the clock, ten minutes at the most. */
export const stepUntil: Wait = async (product, isDone) => {
  for (let step = 0; step < STEPS_MAX && !(await isDone()); step += 1) {
    product.aws.clock.advance(STEP_MS);
    await settled(product);
  }
};

/** Nothing is on its way any more, or what is waits for something that is dead: where that is so nothing ever comes to rest. */
export const settled = ({ aws }: Product, ms = SETTLING_MS): Promise<unknown> =>
  Promise.race([aws.idle(), new Promise((resolve) => setTimeout(resolve, ms).unref())]);

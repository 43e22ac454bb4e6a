/** Waits for something that other parts bring about. */

const POLL_MS = 20;

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * The first answer that is neither undefined nor false.
 *
 * @throws Error saying what did not happen, after `timeoutMs`.
 */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false>,
  timeoutMs = 60_000,
): Promise<Answer> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`This did not happen within ${timeoutMs / 1000} s: ${what}.`);
    await sleep(POLL_MS);
  }
}

/** Runs the tasks, so many at the same time. The first failure ends it. */
export async function inParallel<Input, Output>(
  inputs: readonly Input[],
  width: number,
  run: (input: Input) => Promise<Output>,
): Promise<Output[]> {
  const outputs: Output[] = [];
  const entries = inputs.entries();
  const worker = async () => {
    for (const [at, input] of entries) outputs[at] = await run(input);
  };
  await Promise.all(Array.from({ length: Math.min(width, inputs.length) }, worker));
  return outputs;
}

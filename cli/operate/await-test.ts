/** Waits for what became of a test: the function that sends it notes that on what is tested. */
import { defined } from '../../shared/domain/optional-fields';

const LOOK_MS = 500;
/** Whoever is tested has at most fifteen seconds to answer. */
const LOOKS_MAX = 60;

export interface EndedTest {
  readonly testId: string;
  readonly taken: boolean;
  /** Why it was not taken. */
  readonly failure?: string;
}

/** A test as it is noted. */
export interface NotedTest {
  readonly testId: string;
  readonly endedAt?: string;
  readonly failure?: string;
}

export interface Look {
  /** Reads what is noted now; undefined where what was tested is gone. */
  read(): Promise<NotedTest | undefined>;
  /** The function that sends the test. */
  readonly sender: string;
  readonly everyMs?: number;
}

/** @returns how it ended; not taken, with a reason, when nobody knows after half a minute. */
export async function awaitTest(testId: string, { read, sender, everyMs = LOOK_MS }: Look): Promise<EndedTest> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const test = await read();
    if (test?.testId !== testId)
      return { testId, taken: false, failure: 'another test took its place, or it was removed' };
    if (test.endedAt !== undefined)
      return { testId, taken: test.failure === undefined, ...defined({ failure: test.failure }) };
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  const failure = `it is not sent after half a minute. Is ${sender} running? Its alarms and its log say why not`;
  return { testId, taken: false, failure };
}

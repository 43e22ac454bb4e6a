/** Waits for what became of a test page: the function that sends pages notes it on the channel. */
import type { ChannelList } from '../../shared/domain/api/channels';
import { defined } from '../../shared/domain/optional-fields';
import type { Api } from '../operate/api';

const LOOK_MS = 500;
/** A page is out within seconds; a channel that hangs is given up after five. */
const LOOKS_MAX = 60;

export interface EndedTest {
  readonly testId: string;
  readonly taken: boolean;
  /** Why it was not taken. */
  readonly failure?: string;
}

/** @returns how it ended; not taken, with a reason, when nobody knows after half a minute. */
export async function awaitTest(
  testId: string,
  { name, customerId }: { readonly name: string; readonly customerId?: string },
  api: Api,
  lookMs = LOOK_MS,
): Promise<EndedTest> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const { channels } = await api.call<ChannelList>('list-channels', defined({ customerId }));
    const test = channels.find((one) => one.name === name)?.test;
    if (test?.testId !== testId)
      return { testId, taken: false, failure: 'another test took its place, or it was removed' };
    if (test.endedAt !== undefined)
      return { testId, taken: test.failure === undefined, ...defined({ failure: test.failure }) };
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  const failure = 'it is not sent after half a minute. Is page-oncall running? Its alarms and its log say why not';
  return { testId, taken: false, failure };
}

/** After the scenario: local AWS stays up, other terminals use it, and whatever on-call is paged shows here as it comes. */
import { DescribeKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSServiceException } from '@aws-sdk/client-kms';
import { utc } from '../../shared/domain/instants';
import { colours } from '../output/colours';
import { accountFile } from './account-file';
import { ACME, ACME_ACCOUNT, PROVIDER_ACCOUNT } from './customers';
import { pageLines } from './page-lines';
import { newPages } from './phone';
import type { Scene } from './scene';
import type { Signal } from './signals';
import { firstKeyNote } from './steps/rotations';
import { seconds, type Terminal } from './terminal';
import { sleep } from './wait-until';

const LOOK_MS = 500;

/** Until Ctrl-C or a polite kill. */
export async function stayUp(scene: Scene, screen: Terminal, signal: Promise<Signal>): Promise<void> {
  const { aws, outputs } = scene;
  const files = [
    accountFile(aws, PROVIDER_ACCOUNT, 'administrator'),
    accountFile(aws, ACME_ACCOUNT, ACME.customerId),
  ] as const;
  const [administrator, acme] = files;
  screen.heading('Local AWS stays up. In another terminal, this line makes you the\nprovider’s administrator:');
  screen.line(`  ${administrator.line}`);
  screen.line('\nThen, for example:');
  screen.line('  npx keywright status           is every key available and watched?');
  screen.line('  npx keywright rotate globex    operate the product, over its API at');
  screen.line(`                                 ${outputs['ApiLambdaFunctionUrl']}`);
  screen.line('  aws kms list-aliases           see AWS itself, with the AWS CLI, at');
  screen.line(`                                 ${aws.url}`);
  screen.heading('Break a key now, and watch the page arrive here:');
  if (process.stdin.isTTY) screen.line('  press b                        Acme disables their key, or enables it again');
  screen.line(`  ${acme.line}`);
  screen.line(`  aws kms disable-key --key-id ${scene.notes.get<string>(firstKeyNote(ACME.alias))}`);
  screen.line('\nCtrl-C ends it.');
  const upSince = Date.now();
  const showing = new AbortController();
  const shown = showPages(scene, screen, showing.signal);
  const keyboard = hearKeyboard(() => toggleAcmesKey(scene, screen));
  try {
    await Promise.race([signal, shown]);
  } finally {
    keyboard.leave();
    for (const file of files) file.remove();
    showing.abort();
  }
  await shown;
  screen.line(`\nEnded after ${seconds(Date.now() - upSince)}.`);
}

/** Until it is aborted. Local AWS may be gone by then: what it does not answer any more is no page. */
async function showPages({ sqs }: Scene, screen: Terminal, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await newPages(sqs, ({ text }) => {
      const [subject = '', , ...body] = text.split('\n');
      screen.heading(`On-call is paged: ${subject}`);
      for (const line of body) for (const part of pageLines(line)) screen.line(`  ${part}`);
    }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    await sleep(LOOK_MS);
  }
}

/** As Acme's administrator would, in their account. A key that is to be deleted can be neither: KMS says so. */
async function toggleAcmesKey({ acmeKms, aws, notes }: Scene, screen: Terminal): Promise<void> {
  const KeyId = notes.get<string>(firstKeyNote(ACME.alias));
  const { KeyMetadata } = await acmeKms.send(new DescribeKeyCommand({ KeyId }));
  const isEnabled = KeyMetadata?.KeyState === 'Enabled';
  try {
    await acmeKms.send(isEnabled ? new DisableKeyCommand({ KeyId }) : new EnableKeyCommand({ KeyId }));
  } catch (error) {
    if (!(error instanceof KMSServiceException)) throw error;
    return screen.line(colours.dim(`\n${error.message}`));
  }
  const at = utc(new Date(aws.clock.now()).toISOString());
  screen.line(colours.dim(`\n${at}  Acme ${isEnabled ? 'disabled' : 'enabled'} their key.`));
}

const CTRL_C = '\u0003';

/** Hears single keys where there is a terminal. @returns what gives the terminal back. */
function hearKeyboard(breakKey: () => Promise<void>): { leave(): void } {
  const { stdin } = process;
  if (!stdin.isTTY) return { leave() {} };
  const hear = (key: string) => {
    // A terminal that hands over single keys makes no signal of this one.
    if (key === CTRL_C) process.kill(process.pid, 'SIGINT');
    if (key === 'b') void breakKey();
  };
  stdin.setRawMode(true).setEncoding('utf8').on('data', hear).resume();
  return { leave: () => void stdin.off('data', hear).setRawMode(false).pause() };
}

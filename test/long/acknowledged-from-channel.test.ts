/**
 * The packaged product, and a page that is acknowledged from where it came to: its link is opened by a scanner and then by a person, whose
 * form stops the escalation and is told to PagerDuty once. What is no link of that incident changes nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DisableKeyCommand } from '@aws-sdk/client-kms';
import { kmsLinkSigner } from '../../shared/adapters/kms-link-signer';
import { type LinkClaims, readToken, textOf, tokenOf } from '../../shared/domain/availability/acknowledging/link-token';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';
import { TAKEN, type WebChannel, webChannel } from '../support/web-channel';

const MINUTE_MS = 60_000;
const SENDING_MS = 30_000;
const TEST_MS = 240_000;

const ROUTING_KEY = 'R0UTINGKEY0000000000000000000000';
const SIGNING_KEY = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

let product: DeployedProduct;
let pagerduty: WebChannel;
let hooks: WebChannel;
let folder: string;

beforeAll(async () => {
  product = await deployedProduct();
  pagerduty = await webChannel(TAKEN.pagerduty);
  hooks = await webChannel(TAKEN.webhook);
  folder = mkdtempSync(join(tmpdir(), 'acknowledged-'));
  await add('pd', 'pagerduty', ROUTING_KEY, `${pagerduty.url}/v2/enqueue`);
  await add('chat', 'webhook', SIGNING_KEY, `${hooks.url}/chat`);
  await add('boss', 'webhook', SIGNING_KEY, `${hooks.url}/boss`, '--role', 'escalation', '--after', '5');
}, TEST_MS);
afterAll(async () => {
  await product.stop();
  await Promise.all([pagerduty.stop(), hooks.stop()]);
  rmSync(folder, { recursive: true });
});

async function add(name: string, kind: string, secret: string, target: string, ...options: readonly string[]) {
  const file = join(folder, name);
  writeFileSync(file, secret);
  const words = ['channel', 'add', name, '--kind', kind, '--target', target, '--secret-file', file, ...options];
  expect(await product.keywright(words)).toMatchObject({ exitCode: 0 });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref());
const settled = () => Promise.race([product.aws.idle(), pause(SENDING_MS)]);

/** What schedules do in so many minutes, one after the other. */
async function pass(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    product.aws.clock.advance(MINUTE_MS);
    await settled();
  }
}

/** Pages that the channel at that path was sent about a key. */
const pagesAt = (path: string, kmsKeyArn: string) =>
  hooks.requests
    .filter(({ url }) => url === path)
    .map(({ body }) => JSON.parse(body))
    .filter(({ details }) => details?.kmsKeyArn === kmsKeyArn);
const actionsOf = (incidentId: string) =>
  pagerduty.requests
    .map(({ body }) => JSON.parse(body))
    .filter(({ dedup_key }) => dedup_key === incidentId)
    .map(({ event_action }) => event_action);

/** The key is lost, and its page is out. */
async function lost(customerId: string) {
  const kmsKeyArn = await product.customer(customerId);
  await product.kms.send(new DisableKeyCommand({ KeyId: kmsKeyArn }));
  await settled();
  const [page] = pagesAt('/chat', kmsKeyArn);
  expect(page).toMatchObject({
    about: 'opened',
    acknowledgeUrl: expect.stringMatching(/\/lambda-url\/.+\.[\w-]{43}$/),
  });
  return { kmsKeyArn, incidentId: String(page.incidentId), url: String(page.acknowledgeUrl), body: String(page.body) };
}

/** As a browser does that shows the page of the link. */
const sendForm = (url: string, body = 'name=Ada&note=I+call+them') =>
  fetch(url, {
    method: 'POST',
    headers: { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });

const acknowledgedOf = async (incidentId: string) => (await product.control.find('incident', incidentId))?.acknowledged;

let first: Awaited<ReturnType<typeof lost>>;

test(
  'to open the link acknowledges nothing, to send its form does: nobody is woken besides, and PagerDuty is told once',
  async () => {
    first = await lost('globex');
    const { kmsKeyArn, incidentId, url, body } = first;
    expect(body.split('\n')).toContain(`Acknowledge: ${url}`);
    expect(JSON.parse(pagerduty.requests[0]?.body ?? '{}').links).toMatchObject([{ text: 'Acknowledge' }]);

    const opened = await fetch(url);
    expect([opened.status, await opened.text()]).toEqual([200, expect.stringContaining(incidentId)]);
    expect(opened.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(405);
    await settled();
    expect(await acknowledgedOf(incidentId)).toBeUndefined();

    for (let time = 0; time < 2; time += 1) {
      const sent = await sendForm(url);
      expect([sent.status, await sent.text()]).toEqual([200, expect.stringContaining('typed there: Ada: I call them')]);
    }
    await settled();
    expect(await acknowledgedOf(incidentId)).toMatchObject({
      by: 'the channel chat',
      note: 'typed there: Ada: I call them',
    });
    await pass(10);

    expect(actionsOf(incidentId)).toEqual(['trigger', 'acknowledge']);
    expect(pagesAt('/boss', kmsKeyArn)).toEqual([]);
    expect((await product.keywright(['incident', incidentId])).out).toContain('the channel chat');
  },
  TEST_MS,
);

test(
  'a link that is forged, has expired or is of another incident changes nothing: whoever is next is woken',
  async () => {
    product.aws.clock.advance(15 * MINUTE_MS);
    const { kmsKeyArn, incidentId, url } = await lost('umbrella');
    const token = new URL(url).pathname.split('/').at(-1) ?? '';
    const at = (other: string) => url.replace(token, other);
    const { claims, mac } = readToken(token) as NonNullable<ReturnType<typeof readToken>>;
    const signer = kmsLinkSigner(product.kms, product.outputs['LinkKeyArn'] ?? '');
    const signed = async (of: LinkClaims) => tokenOf(of, await signer.sign(textOf(of)));
    expect(await signed(claims)).toBe(token);

    const unknown = [
      at(tokenOf({ ...claims, channel: 'boss' }, mac)),
      at(tokenOf(claims, Buffer.alloc(32))),
      at(token.slice(1)),
      at('favicon.ico'),
      first.url.replace(/\.[\w-]{43}$/, token.slice(-44)),
    ];
    const answers = await Promise.all(unknown.map((one) => sendForm(one)));
    expect(answers.map(({ status }) => status)).toEqual(unknown.map(() => 404));
    expect(new Set(await Promise.all(answers.map((one) => one.text()))).size).toBe(1);
    expect((await sendForm(at(await signed({ ...claims, expiresAt: '2020-01-01T00:00:00.000Z' })))).status).toBe(410);
    expect((await sendForm(first.url)).status).toBe(200);
    await settled();

    expect(await acknowledgedOf(incidentId)).toBeUndefined();
    await pass(6);
    expect(pagesAt('/boss', kmsKeyArn)).toMatchObject([{ about: 'opened' }]);
    expect(actionsOf(incidentId)).toEqual(['trigger']);
  },
  TEST_MS,
);

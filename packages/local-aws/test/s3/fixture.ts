import type { EngineDeps } from '../../contracts';
import type { RestAnswer, RestRequest } from '../../door/rest';
import { iam as openIam } from '../../iam/iam';
import { s3 } from '../../s3/engine';
import { administratorOf, errorOf, localWorld } from '../support/local-world';

export const ACCOUNT = '111122223333';

type Extra = Partial<Pick<RestRequest, 'headers' | 'caller'>> & { readonly body?: string };

/** An S3 of its own, asked as the door asks it: `ask('PUT', '/bucket/key?versionId=1', { body })`. */
export function anS3({ world = localWorld(), folder }: { world?: EngineDeps; folder?: string } = {}) {
  const iam = openIam(world);
  const engine = s3(world, { iam, ...(folder !== undefined && { folder }) });

  async function ask(method: string, target: string, extra: Extra = {}): Promise<RestAnswer & { text: string }> {
    const [path = '', query = ''] = target.split('?');
    const answer = await engine.handleHttp({
      method,
      path,
      query: new URLSearchParams(query),
      headers: {},
      caller: administratorOf(ACCOUNT),
      region: 'eu-central-1',
      requestId: '00000000-0000-4000-8000-000000000000',
      ...extra,
      body: Buffer.from(extra.body ?? ''),
    });
    return { ...answer, text: Buffer.from(answer.body).toString() };
  }

  return {
    world,
    iam,
    engine,
    ask,
    refused: (method: string, target: string, extra?: Extra) => errorOf(ask(method, target, extra)),
    put: (target: string, body: string, headers: RestRequest['headers'] = {}) => ask('PUT', target, { body, headers }),
    /** What a read finds, or the code of the refusal. */
    async read(target: string): Promise<string> {
      const outcome = await ask('GET', target).catch((error: { code: string }) => error);
      return 'text' in outcome ? outcome.text : outcome.code;
    },
  };
}

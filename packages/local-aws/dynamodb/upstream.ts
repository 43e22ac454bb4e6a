/** Carries requests to the DynamoDB engine: bytes in, bytes out, over kept connections. */
import { Agent, request } from 'node:http';
import { AwsError, type JsonObject } from '../call';
import type { DynamoProcess } from './dynoxide';

export interface UpstreamAnswer {
  readonly status: number;
  readonly body: Buffer;
}

export interface Upstream {
  send(target: string, body: Uint8Array | string): Promise<UpstreamAnswer>;
  /** A call of our own. @throws AwsError with the engine's code and text. */
  ask(target: string, input: JsonObject): Promise<JsonObject>;
  close(): void;
}

/**
 * The engine is a private one: it asks for a signature and does not check it. Where and by which key is always the same:
 * DynamoDB Local without -sharedDb keeps a database for each access key and region.
 */
const SIGNED_BY_NOBODY = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
  'content-type': 'application/x-amz-json-1.0',
};

export function upstream({ endpoint }: Pick<DynamoProcess, 'endpoint'>): Upstream {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const address = { agent, hostname: endpoint.hostname, port: endpoint.port || 80, path: endpoint.pathname };

  const send: Upstream['send'] = (target, body) =>
    new Promise((resolve, reject) => {
      const length = { 'content-length': Buffer.byteLength(body) };
      const headers = { ...SIGNED_BY_NOBODY, ...length, 'x-amz-target': target };
      const outgoing = request({ ...address, method: 'POST', headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', (error) => reject(unreachable(error)));
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 500, body: Buffer.concat(chunks) }));
      });
      outgoing.on('error', (error) => reject(unreachable(error)));
      outgoing.end(body);
    });

  return { send, ask: asking(send), close: () => agent.destroy() };
}

/** Calls of our own, by a way to send them. */
export function asking(send: Upstream['send']): Upstream['ask'] {
  return async (target, input) => {
    const { status, body } = await send(target, JSON.stringify(input));
    const answer = JSON.parse(body.toString() || '{}') as JsonObject;
    if (status === 200) return answer;
    const code = String(answer['__type']).split('#').at(-1) ?? 'InternalServerError';
    throw new AwsError(code, String(answer['message'] ?? answer['Message'] ?? code), { status });
  };
}

function unreachable(error: Error): AwsError {
  const text = `The DynamoDB engine behind local AWS did not answer: ${error.message}`;
  return new AwsError('InternalServerError', text, { status: 500 });
}

/**
 * The one door of local AWS: an HTTP endpoint on loopback that speaks the wire protocols of the services behind it.
 *
 * Service, region and caller come from the request's signature, and nobody else's body is read. The door writes answers in the service's own form,
 * strikes planned faults, and hands each call that CloudTrail would log to the recorder. Web pages are let in to what is open to anybody alone.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EngineDeps } from '../contracts';
import { refusalAtTheDoor } from './admission';
import { type Head, headOf, readBody } from './incoming';
import { type DoorParts, replies } from './reply';
import { openEngine, type RestAnswer } from './rest';

export interface Door {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/** Longer than any client keeps an idle connection, so that the door never closes one just as it is used again. */
const KEEP_ALIVE_MS = 120_000;

/** Listens on the loopback interface only. Without a port, on one that is free. */
export async function openDoor(
  world: Pick<EngineDeps, 'faults' | 'clock' | 'store'>,
  parts: DoorParts,
  options: { readonly port?: number } = {},
): Promise<Door> {
  const reply = replies(world, parts);

  const handle = async (head: Head, message: IncomingMessage, response: ServerResponse) => {
    const from = { requestId: randomUUID(), sourceIp: message.socket.remoteAddress ?? '127.0.0.1' };
    try {
      const answer = await reply(head, (bytesMax) => readBody(message, bytesMax), from);
      if (answer === 'lost') response.destroy();
      else send(answer, response, { requestId: from.requestId, nowMs: world.clock.now() });
    } catch (error) {
      parts.onBug(error);
      response.destroy();
    }
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) => {
    const head = headOf(message);
    const isOpen = openEngine(parts.engines, head.path) !== undefined;
    const refusal = refusalAtTheDoor(message.headers, message.socket.localPort, isOpen);
    if (refusal === undefined) void handle(head, message, response);
    else turnAway(refusal, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What else the request has to say is not read. */
function turnAway(refusal: string, response: ServerResponse): void {
  response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' });
  response.end(`${refusal}\n`);
}

/** The date is that of local AWS's clock: a client that is told another one takes its own for wrong. */
function send(
  { status, headers, body }: RestAnswer,
  response: ServerResponse,
  { requestId, nowMs }: { readonly requestId: string; readonly nowMs: number },
): void {
  response.writeHead(status, {
    date: new Date(nowMs).toUTCString(),
    'x-amzn-requestid': requestId,
    'x-amz-request-id': requestId,
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

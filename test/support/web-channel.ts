/** A small web server that takes pages, or does to them what a channel may do. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WebRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: WebRequest) => void;

export interface WebChannel {
  /** Loopback, without a path. */
  readonly url: string;
  readonly requests: readonly WebRequest[];
  /** What it answers from now on. */
  answer(with_: Answer): void;
  stop(): Promise<void>;
}

export const answering =
  (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    void response.writeHead(status, headers).end(text);

/** It never answers. */
export const hanging: Answer = () => undefined;

/** Answers its kind’s word for success, until it is told otherwise. */
export async function webChannel(first: Answer): Promise<WebChannel> {
  const requests: WebRequest[] = [];
  let answer = first;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const received = {
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      requests.push(received);
      answer(response, received);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer(with_) {
      answer = with_;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What each kind of web channel answers when it has taken a page. */
export const TAKEN = {
  pagerduty: answering(202, '{"status":"success","message":"Event processed","dedup_key":"x"}'),
  webhook: answering(204, ''),
  slack: answering(200, 'ok'),
} as const;

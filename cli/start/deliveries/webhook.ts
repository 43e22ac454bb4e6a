/** A customer's webhook on this machine, as their SIEM would have one: it keeps what it is sent, and checks who signed it. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Post {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: Buffer;
}

export interface Webhook {
  /** Loopback, at a free port. */
  readonly url: string;
  /**
   * The bodies that came so far. The secret is told once there is a subscription, after its test was sent: so it is checked here.
   *
   * @param secret `whsec_…`. @throws Error when one of them was not signed with it.
   */
  bodies(secret: string): readonly string[];
}

/** Listens as long as the process lives, and keeps it from ending no longer. */
export async function openWebhook(): Promise<Webhook> {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    const { headers } = request;
    const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) =>
      String(headers[`webhook-${name}`]),
    );
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      posts.push({ id: id ?? '', timestamp: timestamp ?? '', signature: signature ?? '', body: Buffer.concat(chunks) });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keywright`,
    bodies: (secret) =>
      posts.map((post) => {
        if (!isSigned(post, secret)) throw new Error(`The webhook was sent ${post.id}, which its secret did not sign.`);
        return post.body.toString('utf8');
      }),
  };
}

/** Source: Standard Webhooks 1.0, "Signature scheme". */
function isSigned({ id, timestamp, signature, body }: Post, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  const [version, text = ''] = signature.split(',');
  const given = Buffer.from(text, 'base64');
  return version === 'v1' && given.length === signed.length && timingSafeEqual(given, signed);
}

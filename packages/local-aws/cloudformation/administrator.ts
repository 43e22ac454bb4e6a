/** Calls to the engines of local AWS as an account's administrator. */
import { randomUUID } from 'node:crypto';
import { AwsError, type JsonObject } from '../call';
import type { Iam, Trail } from '../contracts';
import { type AnyEngine, takesHttp } from '../door/rest';
import { loggedCall } from '../logged-call';
import type { Store } from '../store';
import type { Context } from './kind';
import { TemplateError } from './resolve';

export interface AdministratorParts {
  readonly iam: Iam;
  readonly engines: readonly AnyEngine[];
  readonly trail: Pick<Trail, 'record'>;
  readonly store: Pick<Store, 'together'>;
}

export function administratorCalls(
  parts: AdministratorParts,
  { accountId, region }: Pick<Context, 'accountId' | 'region'>,
): Pick<Context, 'call' | 'http'> {
  const engineOf = (service: string) => {
    const engine = parts.engines.find((one) => one.service === service);
    if (engine) return engine;
    throw new TemplateError(`Local AWS has no ${service}.`);
  };
  const caller = () => {
    const principal = parts.iam.principalOf(parts.iam.openAccount(accountId).accessKeyId);
    if (principal) return principal;
    throw new TemplateError(`The account ${accountId} has no administrator.`);
  };
  return {
    async call(service, operation, input) {
      const engine = engineOf(service);
      if (takesHttp(engine)) throw new TemplateError(`The engine of ${service} reads HTTP.`);
      const from = { sourceIp: 'cloudformation.amazonaws.com', userAgent: 'cloudformation.amazonaws.com' };
      const call = { service, operation, region, caller: caller(), input, requestId: randomUUID(), ...from };
      const outcome = await loggedCall(engine, call, parts);
      if (outcome.error) throw outcome.error;
      return outcome.output ?? ({} satisfies JsonObject);
    },
    async http(service, { query = {}, headers = {}, body = '', ...request }) {
      const engine = engineOf(service);
      if (!takesHttp(engine)) throw new TemplateError(`The engine of ${service} does not read HTTP.`);
      const answer = await engine.handleHttp({
        ...request,
        query: new URLSearchParams(query),
        headers,
        body: new TextEncoder().encode(body),
        caller: caller(),
        region,
        requestId: randomUUID(),
      });
      if (answer.status >= 400) throw refusal(answer.status, Buffer.from(answer.body).toString('utf8'));
      return answer;
    },
  };
}

/** An engine that passes bodies through answers an error instead of throwing one: JSON or XML. */
function refusal(status: number, body: string): AwsError {
  const found = (json: RegExp, xml: RegExp) => json.exec(body)?.[1] ?? xml.exec(body)?.[1];
  const code = found(/"__type"\s*:\s*"(?:[^"]*#)?([^"]+)"/, /<Code>([^<]+)<\/Code>/) ?? 'UnknownError';
  return new AwsError(code, found(/"[mM]essage"\s*:\s*"((?:[^"\\]|\\.)*)"/, /<Message>([^<]+)<\/Message>/) ?? body, {
    status,
  });
}

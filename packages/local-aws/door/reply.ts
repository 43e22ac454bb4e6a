/** From a request to the answer: who calls which engine, what it says, and what CloudTrail hears of it. */
import { AwsError, type Call, type Engine, type Principal } from '../call';
import type { EngineDeps, Iam, Trail } from '../contracts';
import type { Credentials } from '../iam/iam';
import { FUNCTION_URL_PATH } from '../lambda/function-urls';
import { loggedCall } from '../logged-call';
import { signerOf, UNPROVEN_BODY_BYTES_MAX, unsigned } from './authenticate';
import { withoutChunks } from './aws-chunked';
import { type Head, HungUp, type Incoming } from './incoming';
import { internalFailure, underFaults } from './inject-fault';
import { ANYBODY, type AnyEngine, openEngine, type RestAnswer, type RestEngine, takesHttp } from './rest';
import { type ServiceWire, serviceWire } from './services';
import { signatureOf } from './signature';

export interface DoorParts {
  readonly iam: Pick<Iam, 'principalOf'> & Pick<Credentials, 'credentialOf'>;
  readonly trail: Pick<Trail, 'record'>;
  readonly engines: readonly AnyEngine[];
  /** Told of every bug that an engine throws; the caller hears of an internal failure only. */
  readonly onBug: (error: unknown) => void;
}

/** A request with what the door found out about it. */
interface Known {
  readonly incoming: Incoming;
  readonly caller: Principal;
  readonly region: string;
  readonly requestId: string;
  readonly sourceIp: string;
}

/** Nothing of a body is read before the head says who sends it, and no more than that caller may send. */
export type Reply = (
  head: Head,
  readBody: (bytesMax: number) => Promise<Uint8Array>,
  from: { readonly requestId: string; readonly sourceIp: string },
) => Promise<RestAnswer | 'lost'>;

export function replies(world: Pick<EngineDeps, 'clock' | 'faults' | 'store'>, parts: DoorParts): Reply {
  const { iam, onBug } = parts;
  const engines = new Map(parts.engines.map((engine) => [engine.service, engine]));

  return async (head, readBody, from) => {
    const signature = signatureOf(head);
    const service = serviceWire(signature?.service ?? unsignedService(head), head);
    try {
      if (signature === undefined) {
        const engine = openEngine(parts.engines, head.path);
        if (engine === undefined) throw unsigned(service.style);
        const incoming = { ...head, body: await readBody(UNPROVEN_BODY_BYTES_MAX) };
        return await passHttp(engine, service, { ...from, incoming, caller: ANYBODY, region: '' }, world);
      }
      const signer = signerOf(head, signature, iam, service.style, world.clock.now());
      const incoming = { ...head, body: await readBody(signer.bodyBytesMax) };
      const caller = signer.principalOf(incoming.body);
      const engine = engines.get(signature.service);
      if (engine === undefined) throw notHere(signature.service);
      const known = { ...from, incoming, caller, region: signature.region };
      return takesHttp(engine)
        ? await passHttp(engine, service, known, world)
        : await passCall(engine, service, known, world, parts.trail);
    } catch (error) {
      if (error instanceof HungUp) return 'lost';
      if (!(error instanceof AwsError)) onBug(error);
      return service.refuse(error instanceof AwsError ? error : internalFailure(service), from.requestId);
    }
  };
}

function passCall(
  engine: Engine,
  { wire, ...codes }: ServiceWire,
  { incoming, ...from }: Known,
  { faults, store }: Pick<EngineDeps, 'faults' | 'store'>,
  trail: DoorParts['trail'],
) {
  if (wire === undefined) throw notHere(engine.service);
  const userAgent = incoming.headers['user-agent'] ?? '-';
  const call: Call = { service: engine.service, ...wire.read(incoming), ...from, userAgent };
  return underFaults(faults, { ...call, codes }, async () => {
    const outcome = await loggedCall(engine, call, { store, trail });
    return wire.answer(outcome, call);
  });
}

/** Planned faults name such a request by its target operation, or by its HTTP method. */
function passHttp(engine: RestEngine, codes: ServiceWire, known: Known, { faults }: Pick<EngineDeps, 'faults'>) {
  const { rawQuery, ...request } = withoutChunks(known.incoming);
  const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? request.method;
  return underFaults(faults, { service: engine.service, operation, codes }, () =>
    engine.handleHttp({
      ...request,
      query: new URLSearchParams(rawQuery),
      caller: known.caller,
      region: known.region,
      requestId: known.requestId,
    }),
  );
}

function notHere(service: string): AwsError {
  return new AwsError('UnknownOperationException', `Local AWS has no ${service}.`, { status: 501 });
}

/** What an unsigned request seems to be for, so that it is refused in words its sender understands. */
function unsignedService({ headers, path }: Head): string {
  if (path.startsWith(FUNCTION_URL_PATH)) return 'function-url';
  return headers['x-amz-target'] === undefined ? 's3' : 'kms';
}

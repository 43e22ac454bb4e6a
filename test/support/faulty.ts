/** A port whose calls may fail before or after their effect, and take their turn among others. */
export type Strike = 'before' | 'after' | undefined;

export interface Faults {
  /** What happens to this call. */
  strike(method: string): Strike;
  /** The error of a call that fails. */
  error(method: string): Error;
  /** Lets others go first. */
  turn(): Promise<void>;
}

export function faulty<Port extends object>(port: Port, faults: Faults): Port {
  const methods = Object.entries(port).map(([name, method]) => [
    name,
    typeof method === 'function' ? struck(name, method as Method, faults) : method,
  ]);
  return Object.fromEntries(methods) as Port;
}

type Method = (...asked: readonly unknown[]) => unknown;

function struck(name: string, method: Method, { strike, error, turn }: Faults): Method {
  const asking = async (asked: readonly unknown[]) => {
    await turn();
    const struckHere = strike(name);
    if (struckHere === 'before') throw error(name);
    const answer = await method(...asked);
    if (struckHere === 'after') throw error(name);
    await turn();
    return answer;
  };
  const iterating = async function* (asked: readonly unknown[]) {
    await turn();
    if (strike(name)) throw error(name);
    yield* method(...asked) as AsyncIterable<unknown>;
  };
  return (...asked) => (ITERATING.has(name) ? iterating(asked) : asking(asked));
}

const ITERATING: ReadonlySet<string> = new Set(['ofKmsKey', 'ofCustomer']);

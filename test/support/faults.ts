/** Ports that fail or wait where a test says so, around ports that work. */
import { KeywrightError } from '../../shared/domain/errors';

type Call = () => Promise<unknown>;

type Around = (call: Call, name: string, args: readonly unknown[]) => Promise<unknown>;

/** Puts `around` about every call of a port. Everything on it must be an asynchronous method or plain data. */
export function wrapped<Port extends object>(port: Port, around: Around): Port {
  return new Proxy(port, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]) => around(async () => value.apply(target, args), String(name), args);
    },
  });
}

/** What a process that dies, or a service that does not answer, looks like from outside. */
export class Crash extends KeywrightError {
  constructor(where: string) {
    super('store.unreachable', `The process died ${where}.`);
  }
}

export interface CrashPlan {
  /** The call that the process dies at, counted from 0 over all ports. Every later call fails too: the process is gone. */
  readonly atCall: number;
  /** Whether the call takes effect before the process dies. */
  readonly afterEffect: boolean;
}

/** @returns what to put around each port, and how many calls there were. */
export function crashing(plan: CrashPlan) {
  let calls = 0;
  return {
    calls: () => calls,
    async around(call: Call, name: string): Promise<unknown> {
      const number = calls++;
      if (number < plan.atCall) return call();
      if (number === plan.atCall && plan.afterEffect) await call();
      throw new Crash(`at call ${number}, ${name}`);
    },
  };
}

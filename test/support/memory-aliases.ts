/** Aliases of an account, in memory. */
import type { Aliases } from '../../shared/domain/api/find-key';

/** @param arns The keys that aliases point at, by alias. */
export function memoryAliases(arns: Readonly<Record<string, string>> = {}): Aliases {
  return { keyOf: async (name) => arns[name] ?? Object.values(arns).find((arn) => arn.endsWith(`:key/${name}`)) };
}

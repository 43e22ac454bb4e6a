/**
 * Event source mappings: which queue or table stream feeds which function, and how.
 */
import { randomUUID } from 'node:crypto';
import type { EngineDeps } from '../contracts';

export interface MappingConfiguration {
  readonly functionArn: string;
  /** ARN of a queue or of a table's stream. */
  readonly sourceArn: string;
  readonly isEnabled: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** FunctionResponseTypes names ReportBatchItemFailures. */
  readonly reportsFailures: boolean;
  /** Event patterns as JSON text; a record that matches none of them is dropped. Empty: no filter. */
  readonly filters: readonly string[];
  /** Queues only: at most so many batches at once. */
  readonly concurrencyMax?: number;
  /** Streams only, from here on. */
  readonly startingPosition?: 'TRIM_HORIZON' | 'LATEST';
  readonly bisectsOnError?: boolean;
  /** Retries of one batch; without an end when left out. */
  readonly retriesMax?: number;
  /** Age of a record after which it is given up; without an end when left out. */
  readonly ageSecondsMax?: number;
  readonly onFailureArn?: string;
}

export interface Mapping extends MappingConfiguration {
  readonly id: string;
}

export interface Mappings {
  /** One mapping a source and function: the same pair is brought up to date and keeps its id and its position. */
  put(configuration: MappingConfiguration): Mapping;
  delete(id: string): void;
  all(): Iterable<Mapping>;
}

export function mappings(world: EngineDeps): Mappings {
  const rows = world.store.table<Mapping>('lambda-mappings');
  const existingId = (wanted: MappingConfiguration) => {
    for (const { id, functionArn, sourceArn } of rows.values())
      if (functionArn === wanted.functionArn && sourceArn === wanted.sourceArn) return id;
    return undefined;
  };
  return {
    put(configuration) {
      const mapping = { ...configuration, id: existingId(configuration) ?? randomUUID() };
      rows.set(mapping.id, mapping);
      return mapping;
    },
    delete: (id) => rows.delete(id),
    all: () => rows.values(),
  };
}

export function isQueue(arn: string): boolean {
  return arn.startsWith('arn:aws:sqs:');
}

/** What one EventBridge event about keys asks for: parse -> attribute -> signals -> uses -> entries, a file for each step. */
import type { Own } from '../availability/key-signals';
import type { KeySignal } from '../availability/raise-signal';
import type { NamedEntry } from './audit-messages';
import type { StreamWriter } from './self-caused-records';
import { type AttributePorts, attributeEvent } from './steps/attribute-event';
import { findSignals } from './steps/find-signals';
import { type EventUses, findUses, NO_USES } from './steps/find-uses';
import type { Ignored } from './steps/key-event';
import { makeEntries } from './steps/make-entries';
import { type ParsePorts, parseEvent, type ReceivedEvent } from './steps/parse-event';

export interface EventEffects extends EventUses {
  /** For the streams that the event belongs in. */
  readonly entries: readonly NamedEntry[];
  readonly signals: readonly KeySignal[];
}

export interface ReadPorts extends Omit<ParsePorts, 'control'>, Omit<AttributePorts, 'control'>, Own {
  readonly control: ParsePorts['control'] & AttributePorts['control'];
  readonly streamWriter: StreamWriter;
}

export const NOTHING: EventEffects = { entries: [], signals: [], ...NO_USES };

/** @throws ContractViolation naming the field at fault, and what the lookup throws. */
export async function readKeyEvent(event: ReceivedEvent, ports: ReadPorts): Promise<EventEffects | Ignored> {
  const parsed = await parseEvent(event, ports);
  if ('ignored' in parsed) return parsed;
  const attributed = await attributeEvent(parsed, ports);
  if ('ignored' in attributed) return attributed;
  return {
    signals: findSignals(attributed, ports),
    ...findUses(attributed, ports),
    entries: makeEntries(attributed, ports.streamWriter),
  };
}

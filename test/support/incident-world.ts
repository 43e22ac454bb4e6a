/** Incidents in a world of their own, and what operations answer about them. */
import { OPERATIONS, type OperationPorts } from '../../shared/domain/api/catalogue';
import type { KeyIncident } from '../../shared/domain/availability/incidents/incident';
import { anArn, anIncident, aWatch, after as inMs } from './make';
import type { RotationWorld } from './rotation-world';

export const ADA = 'arn:aws:iam::111122223333:user/ada';
export const BOB = 'arn:aws:iam::111122223333:user/bob';

/** What the operation of that name answers. */
export async function run<Answer>(
  name: string,
  input: unknown,
  world: RotationWorld,
  principal = ADA,
): Promise<Answer> {
  const operation = OPERATIONS.find((one) => one.name === name);
  if (!operation) throw new Error(`There is no operation ${name}.`);
  const ports: OperationPorts = { ...world.ports, aliases: { keyOf: async () => undefined } };
  return (await operation.run(input, { principal }, ports)) as Answer;
}

/** A key with its incidents; its watch names the one that is open. */
export function givenKey(world: RotationWorld, name: string, ...incidents: readonly Partial<KeyIncident>[]) {
  const kmsKeyArn = anArn(name);
  world.givenKey({ kmsKeyArn });
  const rows = incidents.map((fields) => anIncident({ kmsKeyArn, revision: 1, ...fields }));
  world.control.given('incident', ...rows);
  const open = rows.find(({ state }) => state === 'open');
  world.control.given('key-watch', aWatch({ kmsKeyArn, ...(open && { openIncidentId: open.incidentId }) }));
}

/** Over, and nobody is owed anything: out of the index. */
export function over(incidentId: string): Partial<KeyIncident> {
  const ended = { state: 'closed', recoveredAt: inMs(9_000), recoveryPagedAt: inMs(9_500) } as const;
  return { incidentId, ...ended, dueAt: undefined } as never;
}

/** request-rotation: a person begins a rotation before its time. */

import { type RotationStrategy, rotationStrategy } from '../../../events/fields';
import { unavailableWatch, whileAway } from '../availability/refuse-unavailable';
import { KeywrightError, refusal } from '../errors';
import { later } from '../instants';
import type { KmsKey } from '../keys/kms-key';
import type { ControlStore, Write } from '../ports';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import type { Rotation } from './rotation';
import { doesWithout, refuseStrategy } from './rotation-limits';
import type { RotationPolicy } from './rotation-policy';
import { dueFact, type OpenPorts, openRotation, RECHECK_MS } from './strategies/open-rotation';

/**
 * Begins a rotation of a key, by the strategy of its policy unless another is named.
 *
 * Safe to repeat: while a rotation is open no other begins; that one is asked for anew and given back.
 *
 * @param request `dryRun`: checks all the same and gives the rotation that would be, but touches nothing.
 * @throws KeywrightError `state.not-found`, `state.forbids`, `input.invalid`: nothing was touched.
 */
export async function requestRotation(
  request: { readonly kmsKeyArn: string; readonly strategy?: RotationStrategy; readonly dryRun?: boolean },
  ports: OpenPorts & { readonly control: ControlStore },
): Promise<Rotation> {
  return retryOnConflict(async () => {
    const { kmsKeyArn, dryRun = false } = request;
    const key = await mustFind('kms-key', kmsKeyArn, ports);
    refuseKey(key);
    if (request.strategy) refuseStrategy(request.strategy, key.option);
    const open = key.openRotationId ? await ports.control.find('rotation', key.openRotationId) : undefined;
    if (open) {
      await refuseWhileAway(key, { strategy: open.strategy, isOpen: true }, ports);
      if (!dryRun) await ports.control.commit({ writes: [], facts: [dueFact(open, ports)] });
      return open;
    }
    const policy = await ports.control.find('rotation-policy', kmsKeyArn);
    const strategy = request.strategy ?? policy?.strategy;
    if (!strategy) throw noStrategy(kmsKeyArn);
    await refuseWhileAway(key, { strategy }, ports);
    const { rotation, writes, facts } = openRotation(key, { strategy, startedBy: 'person' }, ports);
    if (!dryRun) await ports.control.commit({ writes: [...writes, ...inSight(policy, strategy, ports)], facts });
    return rotation;
  });
}

function refuseKey({ kmsKeyArn, state, replacedBy, isForDrills }: KmsKey): void {
  if (isForDrills)
    throw refusal('state.forbids', 'kmsKeyArn', 'the key of drills protects nothing, and is not rotated.');
  if (state === 'active') return;
  const next = replacedBy ? ` ${replacedBy} took its place.` : '';
  const message = `kmsKeyArn: the key is ${state} and is not rotated.${next}`;
  throw new KeywrightError('state.forbids', message, { kmsKeyArn, state });
}

/** A rotation that needs the key would only be blocked. While one is open no other can be asked for instead. */
async function refuseWhileAway(
  { kmsKeyArn, option }: KmsKey,
  { strategy, isOpen = false }: { readonly strategy: RotationStrategy; readonly isOpen?: boolean },
  ports: { readonly control: ControlStore },
): Promise<void> {
  const watch = await unavailableWatch(kmsKeyArn, ports);
  if (!watch) return;
  const how = { option, isGone: watch.verdict.cause === 'key-deleted' };
  if (doesWithout(strategy, how)) return;
  const mayReplace = !isOpen && doesWithout('replace', how);
  throw whileAway(
    watch,
    'kmsKeyArn',
    mayReplace ? 'have another key take its place by the strategy replace' : undefined,
  );
}

function noStrategy(kmsKeyArn: string): KeywrightError {
  const known = rotationStrategy.options.join(', ');
  return new KeywrightError('input.invalid', `strategy: the key has no policy, so name one of ${known}.`, {
    kmsKeyArn,
  });
}

/** A rotation whose event is lost is found by the planner, like any other. */
function inSight(
  policy: RotationPolicy | undefined,
  strategy: RotationStrategy,
  { clock }: OpenPorts,
): readonly Write[] {
  if (!policy) return [];
  const recheckAt = later(clock.now(), RECHECK_MS[strategy]);
  const dueAt = recheckAt < policy.dueAt ? recheckAt : policy.dueAt;
  return [{ entityType: 'rotation-policy', row: { ...policy, dueAt } }];
}

/** request-rotation: a person begins a rotation before its time. */
import { type RotationStrategy, rotationStrategy } from '../../events/fields';
import { decideAnew } from './decide-anew';
import { KeywrightError } from './errors';
import type { Rotation } from './kms-key';
import type { ControlStore } from './ports';
import { dueFact, type OpenPorts, openRotation } from './rotate-key/open-rotation';

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
  return decideAnew(async () => {
    const { kmsKeyArn } = request;
    const key = await ports.control.find('kms-key', kmsKeyArn);
    if (!key) throw new KeywrightError('state.not-found', `kmsKeyArn: ${kmsKeyArn} is not registered.`, { kmsKeyArn });
    if (key.state !== 'active') {
      const next = key.replacedBy ? ` ${key.replacedBy} took its place.` : '';
      throw new KeywrightError('state.forbids', `kmsKeyArn: the key is ${key.state} and is not rotated.${next}`, {
        kmsKeyArn,
        state: key.state,
      });
    }
    const open = key.openRotationId ? await ports.control.find('rotation', key.openRotationId) : undefined;
    if (open) {
      if (!request.dryRun) await ports.control.commit({ writes: [], facts: [dueFact(open, ports)] });
      return open;
    }

    const strategy = request.strategy ?? (await ports.control.find('rotation-policy', kmsKeyArn))?.strategy;
    if (!strategy) {
      const known = rotationStrategy.options.join(', ');
      throw new KeywrightError('input.invalid', `strategy: the key has no policy, so name one of ${known}.`, {
        kmsKeyArn,
      });
    }
    const { rotation, ...change } = openRotation(key, { strategy, startedBy: 'person' }, ports);
    if (!request.dryRun) await ports.control.commit(change);
    return rotation;
  });
}

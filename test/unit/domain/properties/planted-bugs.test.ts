import {
  containCompromise,
  containKey,
  reconcileCompromises,
} from '../../../../shared/domain/compromise/contain-compromise';
import type { CompromisePorts } from '../../../../shared/domain/compromise/ports';
import { KeywrightError } from '../../../../shared/domain/errors';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import type { DataKeyStore } from '../../../../shared/domain/keys/ports';
import type { Change, ControlStore, Write } from '../../../../shared/domain/ports';
import { reencryptBatch } from '../../../../shared/domain/reencryption/reencrypt-data-keys';
import { approveStep, requestStep } from '../../../../shared/domain/retirement/approve-retirement';
import { deleteKey } from '../../../../shared/domain/retirement/delete-key';
import { requestRetirement } from '../../../../shared/domain/retirement/request-retirement';
import { advanceRetirement, reconcileRetirements, retireKey } from '../../../../shared/domain/retirement/retire-key';
import { termsWith } from '../../../../shared/domain/retirement/retirement-terms';
import type { RetirePorts } from '../../../../shared/domain/retirement/steps/ports';
import { planRotations } from '../../../../shared/domain/rotation/plan-rotations';
import { rotateKey } from '../../../../shared/domain/rotation/rotate-key';
import { type EntityType, idOf, type Rows } from '../../../../shared/domain/rows';
import { proven } from '../../../support/memory-identities';
import type { RotationWorld } from '../../../support/rotation-world';
import { type Plant, playKeyLife } from './key-lives';

type Ports = RotationWorld['ports'];

const SEEDS_MAX = 300;

/** Somebody else than everybody in these lives. */
const ROLE = 'arn:aws:sts::111122223333:assumed-role/Approver';

/** Bugs that somebody could write, each with the law that finds it. */
const BUGS: Readonly<Record<string, { readonly plant: Plant; readonly law: RegExp }>> = {
  'rows are overwritten whatever their revision is': {
    law: /asked twice|two rotations|says something else|never came to rest|not told once/,
    plant: {
      ports: (ports) => ({ ...ports, control: { ...ports.control, commit: (change) => overwrite(change, ports) } }),
    },
  },
  'facts are published beside the change and may be lost': {
    law: /left under|neither retired|came to rest|redelivery changed something/,
    plant: {
      ports: (ports, random) => ({
        ...ports,
        control: {
          ...ports.control,
          commit: (change) => ports.control.commit(random() < 0.2 ? { ...change, facts: [] } : change),
        },
      }),
    },
  },
  'a data key is overwritten whatever its revision is': {
    law: /overwritten by an older|says something else/,
    plant: {
      ports: (ports) => ({
        ...ports,
        dataKeys: {
          ...ports.dataKeys,
          replace: async (dataKey) => {
            const now = await ports.dataKeys.find(dataKey);
            return ports.dataKeys.replace({ ...dataKey, revision: now?.revision ?? 0 });
          },
        },
      }),
    },
  },
  'a batch does not leave its mark on what it worked': {
    law: /says something else/,
    plant: {
      ports: (ports) => ({
        ...ports,
        dataKeys: {
          ...ports.dataKeys,
          replace: ({ workedBy, ...dataKey }) =>
            ports.dataKeys.replace({
              ...dataKey,
              workedBy: (workedBy ?? []).map((mark) => ({ ...mark, batch: `${mark.batch}?` })),
            }),
        },
      }),
    },
  },
  'a job ends when the index is empty, without a scan': {
    law: /left under|neither retired|retired key is still needed|came to rest/,
    plant: {
      verbs: { reencryptBatch: (due, ports) => reencryptBatch(due, { ...ports, dataKeys: sweepingNothing(ports) }) },
    },
  },
  'what KMS wraps under is not looked at': {
    law: /not under the material it says/,
    plant: {
      ports: (ports) => ({
        ...ports,
        crypto: {
          ...ports.crypto,
          reencrypt: async (from, to, wrapped, context) => ({
            ...(await ports.crypto.reencrypt(from, to, wrapped, context)),
            keyMaterialId: (await ports.control.find('kms-key', to.kmsKeyArn))?.keyMaterialId ?? '',
          }),
        },
      }),
    },
  },
  'a key retires by an index that shows too little, without a scan of the data keys': {
    law: /retired key is still needed|that we disabled/,
    plant: {
      verbs: retiring((ports) => ({ ...ports, dataKeys: { ...sweepingNothing(ports), countUnder: async () => 0 } })),
    },
  },
  'a part of a proof is taken for the whole': {
    law: /retired key is still needed|that we disabled|contained with data keys/,
    plant: {
      ports: (ports) => {
        const scan: DataKeyStore['scan'] = async (under, segment, page) =>
          page.after === 'empty 400' ? { dataKeys: [] } : ports.dataKeys.scan(under, segment, page);
        return { ...ports, dataKeys: { ...ports.dataKeys, countUnder: async () => 0, scan } };
      },
    },
  },
  'a key retires without a look at its backups': {
    law: /retired key is still needed by a backup/,
    plant: { verbs: retiring((ports) => ({ ...ports, control: without('backupIds', ports) })) },
  },
  'a deletion is scheduled without an approval': {
    law: /no row may go from requested to used/,
    plant: { verbs: { deleteKey: (due, ports) => deleteKey(due, { ...ports, control: approvingAll(ports) }) } },
  },
  'a key is out of use at once when another takes its place': {
    law: /kms-key: .* from active to disabled/,
    plant: { ports: committing(outOfUseAtOnce) },
  },
  'a job begins paused': {
    law: /no row may begin as paused/,
    plant: { ports: committing(pausedFromTheStart) },
  },
  'an approval is taken for another certificate': {
    law: /no two people decided/,
    plant: {
      verbs: {
        requestStep: async (request, ports) => requestStep(await forTheLast(request, ports), ports),
        approveStep: async (approval, ports) => approveStep(await forTheLast(approval, ports), ports),
      },
    },
  },
  'other terms leave the certificate as it is': {
    law: /two people agreed to \d+ days of waiting/,
    plant: {
      verbs: {
        requestRetirement: async ({ terms, ...request }, ports) => {
          const row = await requestRetirement(request, ports);
          const changed = { ...row, revision: row.revision + 1, terms: termsWith(row.terms, terms ?? {}) };
          await ports.control.commit({ writes: [{ entityType: 'retirement', row: changed }], facts: [] });
          return changed;
        },
      },
    },
  },
  'who asked may approve': {
    law: /no two people decided/,
    plant: {
      verbs: {
        approveStep: (approval, ports) => approveStep({ ...approval, by: proven(`${ROLE}/somebody-else`) }, ports),
      },
    },
  },
  'two sessions of one role are two people': {
    law: /no two people decided/,
    plant: {
      verbs: {
        approveStep: (approval, ports) =>
          approveStep(
            { ...approval, by: proven(approval.by.principal.replace('Operator', 'Operator-of-this-session')) },
            ports,
          ),
      },
    },
  },
  'KMS is asked to rotate without a look at what it is doing': {
    law: /asked twice/,
    plant: {
      verbs: {
        rotateKey: (due, ports) => {
          const rotationStatus = async (key: KmsKey) => ({
            ...(await ports.observer.rotationStatus(key)),
            inProgress: false,
          });
          const observer = { ...ports.observer, rotationStatus };
          return rotateKey(due, { ...ports, observer, control: without('askedAt', ports) });
        },
      },
    },
  },
  'a due policy begins a rotation although one is open': {
    law: /two rotations|never came to rest/,
    plant: {
      verbs: { planRotations: (ports) => planRotations({ ...ports, control: without('openRotationId', ports) }) },
    },
  },
  'a key is replaced while data keys are on their way to it': {
    law: /never came to rest|neither retired|left under|protected .* says something else/,
    plant: {
      verbs: {
        planRotations: (ports) => planRotations({ ...ports, control: without('jobIds', ports) }),
        rotateKey: (due, ports) => rotateKey(due, { ...ports, control: without('jobIds', ports) }),
      },
    },
  },
  'data stores move and are not counted': {
    law: /data stores name a key, and it counts others/,
    plant: {
      ports: (ports) => {
        const uncounted = ({ entityType }: Write) => entityType !== 'data-store-count';
        const commit: ControlStore['commit'] = (change) =>
          ports.control.commit({ ...change, writes: change.writes.filter(uncounted) });
        return { ...ports, control: { ...ports.control, commit } };
      },
    },
  },
  'data stores do not move along with their data keys': {
    law: /left under|neither retired|retired key is still needed|never came to rest|counts others/,
    plant: {
      ports: (ports) => ({
        ...ports,
        control: {
          ...ports.control,
          commit: ({ writes, facts }) =>
            ports.control.commit({ writes: writes.filter(({ entityType }) => entityType !== 'data-store'), facts }),
        },
      }),
    },
  },
  'a data key forgets the KMS keys that it was under': {
    law: /protected .* says something else/,
    plant: {
      ports: (ports) => ({
        ...ports,
        dataKeys: { ...ports.dataKeys, replace: ({ formerly: _left, ...dataKey }) => ports.dataKeys.replace(dataKey) },
      }),
    },
  },
  'only what is under a compromised key now is listed': {
    law: /protected .* says something else/,
    plant: {
      ports: (ports) => ({
        ...ports,
        dataKeys: {
          ...ports.dataKeys,
          scan: ({ evenFormerly: _before, ...under }, ...page) => ports.dataKeys.scan(under, ...page),
        },
      }),
    },
  },
  're-encryption takes the mark of a compromise off a data key': {
    law: /lost its mark|is not marked/,
    plant: {
      verbs: {
        reencryptBatch: (due, ports) => {
          const replace: DataKeyStore['replace'] = ({ compromised: _mark, ...dataKey }) =>
            ports.dataKeys.replace(dataKey);
          return reencryptBatch(due, { ...ports, dataKeys: { ...ports.dataKeys, replace } });
        },
      },
    },
  },
  'a compromise is contained without a look at what is left': {
    law: /contained with data keys under it|protected .* says something else/,
    plant: {
      verbs: containing((ports) => {
        const scan: DataKeyStore['scan'] = async (under, ...page) =>
          under.evenFormerly ? ports.dataKeys.scan(under, ...page) : { dataKeys: [] };
        return { ...ports, control: without('jobIds', ports), dataKeys: { ...ports.dataKeys, scan } };
      }),
    },
  },
  'a batch that failed counts as done': {
    law: /left under|neither retired|says something else|came to rest|there is no data key|is not marked|carries the mark of another/,
    plant: {
      ports: (ports) => ({
        ...ports,
        dataKeys: {
          ...ports.dataKeys,
          findAll: (names) => ports.dataKeys.findAll(names).catch(() => []),
          scan: (...asked) => ports.dataKeys.scan(...asked).catch(() => ({ dataKeys: [] })),
        },
      }),
    },
  },
};

test.each(Object.entries(BUGS))(
  'it is noticed when %s',
  async (_, { plant, law }) => {
    const found = await firstBroken(plant);

    expect(found?.message).toMatch(law);
  },
  60_000,
);

async function firstBroken(plant: Plant): Promise<Error | undefined> {
  for (let seed = 0; seed < SEEDS_MAX; seed += 1) {
    try {
      await playKeyLife(seed, plant);
    } catch (error) {
      return error instanceof KeywrightError ? new Error(`${error.code}: ${error.message}`) : (error as Error);
    }
  }
  return undefined;
}

function pausedFromTheStart(write: Write): Write {
  return write.entityType === 'reencryption-job' && write.row.revision === 0
    ? { ...write, row: { ...write.row, state: 'paused' } }
    : write;
}

function outOfUseAtOnce(write: Write): Write {
  return write.entityType === 'kms-key' && write.row.state === 'retiring'
    ? { ...write, row: { ...write.row, state: 'disabled' } }
    : write;
}

/** Rows are committed as the bug makes of them. */
function committing(broken: (write: Write) => Write): NonNullable<Plant['ports']> {
  return (ports) => ({
    ...ports,
    control: {
      ...ports.control,
      commit: ({ writes, facts }) => ports.control.commit({ writes: writes.map(broken), facts }),
    },
  });
}

/** The verbs that retire a key, with other ports. */
function retiring(changed: (ports: RetirePorts) => RetirePorts): NonNullable<Plant['verbs']> {
  return {
    retireKey: (ended, ports) => retireKey(ended, changed(ports)),
    advanceRetirement: (due, ports) => advanceRetirement(due, changed(ports)),
    reconcileRetirements: (ports) => reconcileRetirements(changed(ports)),
  };
}

/** What somebody said, as if they had said it of the key's last certificate. */
async function forTheLast<Said extends { readonly kmsKeyArn: string; readonly certificateHash: string }>(
  said: Said,
  { control }: { readonly control: ControlStore },
): Promise<Said> {
  const retirement = await control.find('retirement', said.kmsKeyArn);
  return { ...said, certificateHash: retirement?.certificate?.hash ?? said.certificateHash };
}

/** A store in which every step that was ever asked for is approved. */
function approvingAll({ control }: { readonly control: ControlStore }): ControlStore {
  const find = async (...[entityType, id]: Parameters<typeof control.find>) => {
    const row = await control.find(entityType, id);
    return row && entityType === 'approval' ? { ...row, approvedBy: ROLE, approverId: ROLE } : row;
  };
  return { ...control, find: find as typeof control.find };
}

/** The verbs that contain a compromise, with other ports. */
function containing(changed: (ports: CompromisePorts) => CompromisePorts): NonNullable<Plant['verbs']> {
  return {
    containCompromise: (due, ports) => containCompromise(due, changed(ports)),
    containKey: (news, ports) => containKey(news, changed(ports)),
    reconcileCompromises: (ports) => reconcileCompromises(changed(ports)),
  };
}

async function overwrite({ writes, facts }: Change, { control }: Ports): Promise<void> {
  const fresh = writes.map(async (write) => {
    const now = await control.find(
      write.entityType,
      (idOf[write.entityType] as (row: Rows[EntityType]) => string)(write.row),
    );
    return { ...write, row: { ...write.row, revision: now?.revision ?? 0 } } as Write;
  });
  await control.commit({ writes: await Promise.all(fresh), facts });
}

const sweepingNothing = ({ dataKeys }: { readonly dataKeys: DataKeyStore }): DataKeyStore => ({
  ...dataKeys,
  scan: async () => ({ dataKeys: [] }),
});

/** A store whose rows do not show a field. */
function without(field: string, { control }: { readonly control: ControlStore }): ControlStore {
  const find = async (...[entityType, id]: Parameters<typeof control.find>) => {
    const row = await control.find(entityType, id);
    return row && Object.fromEntries(Object.entries(row).filter(([name]) => name !== field));
  };
  return { ...control, find: find as typeof control.find };
}

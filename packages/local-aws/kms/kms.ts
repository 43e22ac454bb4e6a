/** What every KMS operation works with. */
import type { Clock } from '../clock';
import type { Buses, Iam, Trail } from '../contracts';
import type { Store, Table } from '../store';
import type { GrantRepository } from './grants/grant-repository';
import type { ImportParameters } from './imports/import-parameters';
import type { AliasRepository } from './keys/alias-repository';
import type { KeyRepository } from './keys/key-repository';
import type { UsageRepository } from './keys/usage-repository';

export interface Kms {
  readonly clock: Clock;
  readonly store: Store;
  readonly iam: Iam;
  readonly trail: Trail;
  readonly buses: Buses;
  readonly keys: KeyRepository;
  readonly aliases: AliasRepository;
  readonly grants: GrantRepository;
  readonly usage: UsageRepository;
  /** What GetParametersForImport handed out, by import token. */
  readonly imports: Table<ImportParameters>;
  readonly delays: Delays;
}

/** How long local AWS takes over what AWS does in the background. */
export interface Delays {
  /** From RotateKeyOnDemand to new key material. AWS: usually seconds, unpublished. */
  readonly onDemandRotationMs: number;
  /** From ReplicateKey to a replica key that is Enabled. AWS: usually seconds, unpublished. */
  readonly replicationMs: number;
  /** From CreateGrant until the grant works without its grant token. AWS: usually less than five minutes. */
  readonly grantMs: number;
}

/** What the columns of the table of encryption options are called, in the order in which people read them. */
import type { AboutOption } from '../../shared/domain/customers/option-descriptions';

/** Columns of prose. What the product decides by is among what `--json` prints. */
type Prose = Exclude<keyof AboutOption, 'title' | 'keyHolder' | 'isKeyShared' | 'hasDataKeys' | 'refusedBecause'>;

const TITLES: Readonly<Record<Prose, string>> = {
  holdsKey: 'holds the key',
  usesKey: 'can use the key',
  revokedBy: 'can revoke it',
  revokedWithin: 'revoked within',
  covers: 'covered',
  search: 'search',
  metadata: 'metadata',
  backups: 'backups',
  logs: 'logs',
  functionsLost: 'functions lost',
  rotation: 'rotation',
  tenancy: 'tenancy',
  watch: 'customer can watch',
  cost: 'cost',
  costBorneBy: 'who bears it',
  serviceLevel: 'service level',
  plaintext: 'plaintext',
};

export const COLUMNS = Object.entries(TITLES) as readonly (readonly [column: Prose, title: string])[];

/** Why new data stores cannot have it, if so. */
export const newStoresText = ({ refusedBecause }: AboutOption): string =>
  refusedBecause === undefined ? 'can have it' : `refused: ${refusedBecause}`;

/** What each strategy does next for a rotation that is open and for which KMS shows no new material yet. */

import type { RotationStrategy } from '../../../../events/fields';
import { askCustomer } from './ask-customer';
import { ensureAutomatic } from './ensure-automatic-rotation';
import { replaceKey } from './replace-key';
import { rotateImported } from './rotate-imported-key';
import { rotateOnDemand } from './rotate-key-on-demand';
import type { Strategy } from './strategy';

export const STRATEGIES: Readonly<Record<RotationStrategy, Strategy>> = {
  'kms-automatic': ensureAutomatic,
  'kms-on-demand': rotateOnDemand,
  replace: replaceKey,
  'imported-material': rotateImported,
  customer: askCustomer,
};

/** Who reads key events: acme on a key of ours, globex on a key of their own, and a key that customers share. */
import { customerLookup } from '../../shared/domain/customers/customer-lookup';
import { CUSTOMER_ACCOUNT } from './key-events';
import { aCustomer, aKmsKey, anArn, NOW, OUR_ACCOUNT } from './make';
import { memoryControlStore } from './memory-control-store';

export const THEIR_KEY = anArn('theirs', CUSTOMER_ACCOUNT);
export const SHARED_KEY = anArn('shared');

export const WRITER = {
  roleArn: `arn:aws:iam::${OUR_ACCOUNT}:role/keywright-dev-append-audit`,
  signingKeyArn: anArn('signing'),
  controlTableName: 'control',
};

export function keyEventWorld() {
  const control = memoryControlStore();
  control.given('customer', aCustomer(), aCustomer({ customerId: 'globex', accountId: CUSTOMER_ACCOUNT }));
  const { customerId: _, ...shared } = aKmsKey({ kmsKeyArn: SHARED_KEY, option: 'managed' });
  control.given('kms-key', aKmsKey(), aKmsKey({ kmsKeyArn: THEIR_KEY, customerId: 'globex' }), shared);
  const ports = {
    control,
    customers: customerLookup(control),
    clock: { now: () => NOW },
    ownAccountId: OUR_ACCOUNT,
    lookingRoles: new Set(['assess-key', 'probe-keys']),
    streamWriter: WRITER,
  };
  return { control, ports };
}

/**
 * What the customer and the last verdict permit to do with a data key that is kept.
 *
 * Two rows say it: the customer's window, and the KMS key's own row while the key is lost. What they take away is taken
 * away within the bounds below; nothing that they hold makes a data key serve for longer than an hour.
 */
import {
  type CustomerWindow,
  WINDOW_DEFAULT,
  type WindowTerms,
  windowTermsOf,
} from '../../shared/domain/customers/customer-window';
import type { KmsKey } from '../../shared/domain/keys/kms-key';
import type { ControlStore } from '../../shared/domain/ports';
import { recentRows } from './recent-rows';

/** A verdict is known after two seconds in a process that uses the key all the while, after five at the most. */
const VERDICT = { everyMs: 2_000, withinMs: 5_000 };

/** The same of a window that the customer changed. It is asked for less often: every look costs. */
const WINDOW = { everyMs: 10_000, withinMs: 15_000 };

/** What a data key that is kept belongs to. */
export interface Kept {
  readonly customerId: string;
  readonly kmsKeyArn: string;
}

export interface Permits {
  /** How long a data key of the customer's may be kept, as last known; 0 as long as that was never read. */
  windowMs(customerId: string): number;
  /** Whether both rows were looked at lately. */
  isRecent(kept: Kept): boolean;
  /** Looks at them. Never throws: where they cannot be read, what was known before holds. */
  settle(kept: Kept): Promise<void>;
  /** Looks at the customer's window where that was not done lately. @throws as the store does. */
  learnWindow(customerId: string): Promise<void>;
}

export interface PermitPorts {
  readonly control: Pick<ControlStore, 'find'>;
  readonly nowMs: () => number;
}

export interface PermitOptions {
  /** The most that this process asks for. */
  readonly windowMs: number;
  readonly rowsMax: number;
  /** Told what is not to be used any more. */
  readonly onLost: (isLost: (kept: Kept) => boolean) => void;
}

/** Nothing is known yet: the first who asks waits for a look. */
export function permits({ control, nowMs }: PermitPorts, { windowMs, rowsMax, onLost }: PermitOptions): Permits {
  const keys = recentRows<KmsKey>({
    ...VERDICT,
    nowMs,
    rowsMax,
    find: (kmsKeyArn) => control.find('kms-key', kmsKeyArn),
    onRead: (key, before) => {
      // A loss of another time is another one, though nobody saw that the key was back in between.
      if (key?.loss && key.loss.since !== before?.loss?.since)
        onLost((kept) => kept.kmsKeyArn === key.kmsKeyArn && isLost(kept));
    },
  });
  const windows = recentRows<WindowTerms & Pick<CustomerWindow, 'customerId' | 'revision'>>({
    ...WINDOW,
    nowMs,
    rowsMax,
    async find(customerId) {
      const row = await control.find('customer-window', customerId);
      return { customerId, ...windowTermsOf(row), revision: row?.revision ?? 0 };
    },
    onRead: (window, before) => {
      if (window && window.revision !== before?.revision)
        onLost((kept) => kept.customerId === window.customerId && isLost(kept));
    },
  });

  /** Its KMS key is lost, and its customer wants it forgotten then. */
  const isLost = ({ customerId, kmsKeyArn }: Kept) =>
    keys.last(kmsKeyArn)?.row?.loss !== undefined &&
    (windows.last(customerId)?.row ?? WINDOW_DEFAULT).onLoss === 'flush';

  return {
    windowMs: (customerId) => Math.min(windowMs, (windows.last(customerId)?.row?.windowSeconds ?? 0) * 1000),
    isRecent({ customerId, kmsKeyArn }) {
      // Both are asked: each that is growing old is read again.
      const isKeyRecent = keys.isRecent(kmsKeyArn);
      return windows.isRecent(customerId) && isKeyRecent;
    },
    async settle({ customerId, kmsKeyArn }) {
      await Promise.all([keys.settle(kmsKeyArn), windows.settle(customerId)]);
    },
    async learnWindow(customerId) {
      await windows.read(customerId);
    },
  };
}

/** From what was counted to what it costs, and from one month to the next. */
import { DAY_MS, later } from '../instants';
import { endOf, hoursBegun, hoursIn, nextMonth } from './month';
import { PRICE_EDITION, PRICES, type PriceName, priceOf, REQUEST_CLASSES } from './prices';
import {
  type CostLine,
  type CostShare,
  type KeyCharge,
  type KeyShare,
  NO_USAGE,
  type Usage,
  type UsageMeter,
} from './usage';

/** What is not in the customer's own log: the uses of a key by all who share it, and what was sent to destinations. */
export interface Beside {
  /** Only of keys that somebody else has as well. */
  readonly usesOfAll: Readonly<Record<string, number>>;
  /** How much each subscription has delivered so far, and what kind its destination is. */
  readonly delivered: readonly { readonly name: string; readonly kind: string; readonly delivered: number }[];
}

/** What a month costs, until an instant in it or its end. */
export function shareOf(meter: UsageMeter, until: string, beside: Beside): Omit<CostShare, 'revision'> {
  const { customerId, month, payerAccountId, fromIndex, nextIndex: logSize, usage, keysLeftOut } = meter;
  const keys = Object.entries(meter.keys).map(([arn, charge]) => keyShare(arn, charge, until, meter, beside));
  const lines = [...requestLines(usage), ...keyLines(keys, month), storageLine(meter), ...deliveryLines(meter, beside)];
  const { keyUses: _shown, ...counted } = usage;
  return {
    ...{ customerId, month, payerAccountId, prices: PRICE_EDITION, fromIndex, logSize },
    ...{ usage: counted, keys: keys.map(({ materialMicroUsd: _own, ...key }) => key), keysLeftOut, lines },
    totalMicroUsd: lines.reduce((sum, { microUsd = 0 }) => sum + microUsd, 0),
  };
}

/** The meter of the month after, with nothing of it counted but what came early. */
export function monthAfter(meter: UsageMeter, { delivered }: Pick<Beside, 'delivered'>): UsageMeter {
  const { month, usage, after, storedBytes, nextIndex } = meter;
  return {
    ...meter,
    month: nextMonth(month),
    fromIndex: nextIndex,
    usage: after,
    after: NO_USAGE,
    storedBytes: storedBytes + usage.bytes,
    keys: chargedUntil(meter.keys, endOf(month)),
    keysLeftOut: 0,
    deliveredBefore: Object.fromEntries(delivered.map((one) => [one.name, one.delivered])),
  };
}

const requestLines = ({ requestsByClass }: Usage): readonly CostLine[] =>
  REQUEST_CLASSES.flatMap((item) => {
    const units = requestsByClass[item];
    return units === undefined ? [] : [{ ...priced(item, BigInt(units)), units }];
  });

const priced = (item: PriceName, units: bigint, of?: bigint) => ({
  item,
  unit: PRICES[item].unit,
  microUsd: priceOf(item, units, of),
});

type PricedKey = KeyShare & { readonly materialMicroUsd: number };

function keyShare(kmsKeyArn: string, charge: KeyCharge, until: string, meter: UsageMeter, beside: Beside): PricedKey {
  const stop = charge.stoppedAt !== undefined && charge.stoppedAt < until ? charge.stoppedAt : until;
  const hours = hoursBegun(charge.chargedTo, stop);
  const materialHours = charge.materialsChargedTo.reduce((sum, from) => sum + hoursBegun(from, stop), 0);
  const uses = meter.usage.keyUses[kmsKeyArn] ?? 0;
  const usesOfAll = beside.usesOfAll[kmsKeyArn];
  const part = (price: PriceName, units: number): number => {
    const [mine, all] = usesOfAll === undefined ? [1, 1] : [uses, Math.max(usesOfAll, 1)];
    return priceOf(price, BigInt(units) * BigInt(mine), BigInt(hoursIn(meter.month)) * BigInt(all));
  };
  const microUsd = part('key', hours);
  const shared = usesOfAll === undefined ? {} : { usesOfAll };
  const materialMicroUsd = part('rotated-material', materialHours);
  return { ...{ kmsKeyArn, hours, materialHours, uses }, ...shared, microUsd, materialMicroUsd };
}

/** In hours: whole numbers. Each key is rounded by itself, and the line is their sum. */
function keyLines(keys: readonly PricedKey[], month: string): readonly CostLine[] {
  const sum = (part: (key: PricedKey) => number) => keys.reduce((total, key) => total + part(key), 0);
  const unit = `hour of ${hoursIn(month)}`;
  return [
    { item: 'key', unit, units: sum(({ hours }) => hours), microUsd: sum(({ microUsd }) => microUsd) },
    {
      ...{ item: 'rotated-material', unit, units: sum(({ materialHours }) => materialHours) },
      microUsd: sum(({ materialMicroUsd }) => materialMicroUsd),
    },
  ].filter(({ units }) => units > 0);
}

const GIB = 2n ** 30n;

/** What lay there when the month began, for all of it, and what came for what was left of it. */
function storageLine({ month, storedBytes, usage }: UsageMeter): CostLine {
  const hours = BigInt(hoursIn(month));
  const byteHours = BigInt(storedBytes) * hours + BigInt(usage.byteHours);
  const { microUsd } = priced('storage', byteHours, GIB * hours);
  return {
    item: 'storage',
    unit: 'byte, on average',
    units: Number((byteHours * 2n + hours) / (2n * hours)),
    microUsd,
  };
}

/** By kind, in the order of their names. A subscription that has less than before was added anew meanwhile. */
function deliveryLines({ deliveredBefore }: UsageMeter, { delivered }: Beside): readonly CostLine[] {
  const byKind = new Map<string, number>();
  for (const { name, kind, delivered: now } of delivered) {
    const before = deliveredBefore[name] ?? 0;
    byKind.set(kind, (byKind.get(kind) ?? 0) + (now >= before ? now - before : now));
  }
  const lines = [...byKind].sort(([one], [other]) => (one < other ? -1 : 1));
  return lines.filter(([, units]) => units > 0).map(([kind, units]) => deliveryLine(`delivery-${kind}`, units));
}

const deliveryLine = (item: string, units: number): CostLine =>
  isPriced(item) ? { ...priced(item, BigInt(units)), units } : { item, unit: 'entry', units };

const isPriced = (item: string): item is PriceName => Object.hasOwn(PRICES, item);

/** AWS takes at most 30 days until it deletes a key: one that is gone for longer is not brought back. */
const GONE_MS = 40 * DAY_MS;

function chargedUntil(keys: UsageMeter['keys'], end: string): UsageMeter['keys'] {
  const kept = Object.entries(keys).filter(
    ([, { stoppedAt }]) => stoppedAt === undefined || later(stoppedAt, GONE_MS) > end,
  );
  return Object.fromEntries(
    kept.map(([arn, charge]) => {
      const to = charge.stoppedAt !== undefined && charge.stoppedAt < end ? charge.stoppedAt : end;
      const charged = (from: string) => (from < to ? to : from);
      const materialsChargedTo = charge.materialsChargedTo.map(charged);
      return [arn, { ...charge, chargedTo: charged(charge.chargedTo), materialsChargedTo }];
    }),
  );
}

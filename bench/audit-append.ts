/**
 * What an append to an audit log costs: by the size of the log, and by the size of the batch. Calls are counted at the
 * ports, the services are in memory: what is timed is our own work. `node bench/run-bundled.mjs audit-append`
 */
import { appendAudit } from '../shared/domain/audit/append-audit';
import { bundleOf, bundlePath, TILE_WIDTH, tilePath } from '../shared/domain/audit/log/layout';
import { openTree } from '../shared/domain/audit/log/tile-tree';
import { leafHash } from '../shared/domain/audit/log/tree-hashes';
import { wrapped } from '../test/support/faults';
import { memoryAuditPorts, memoryAuditSequence } from '../test/support/memory-audit';

const CUSTOMER = 'acme';
const LOG_SIZES = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const BATCH_SIZES = [1, 10, 100, 1_000];
const ENTRY_BYTES = 1_500;
/** Ten bundles go by, so that every width of the right edge counts alike. */
const ENTRIES = 10 * TILE_WIDTH;
const LIMIT = 1.3;
const ROUNDS = 5;

/** $ per million in us-east-1, on demand, as of 2026-11: S3 PUT and GET, KMS asymmetric request. */
const PRICES: Readonly<Record<string, number>> = { create: 5, replace: 5, read: 0.4, sign: 15, publicKey: 0 };
/** $ per million of DynamoDB units; a transaction takes two for each KB. Source: aws-facts of DynamoDB pricing, 2024-11. */
const [WRITE_UNIT, READ_UNIT] = [0.625, 0.125];

/** A log of that size as far as an append sees it: its right edge. The entries before it never were. */
function logOf(size: number) {
  const ports = memoryAuditPorts();
  const tree = openTree(0, []);
  // Every entry is the same: what is signed and what is stored fit together, as an append checks.
  const entry = new Uint8Array(ENTRY_BYTES);
  const leaf = leafHash(entry);
  while (tree.size() < size) tree.append(leaf);
  const files = ports.objects.filesOf(CUSTOMER);
  for (const { level, index, width, hashes } of tree.changedEdge()) files.set(tilePath(level, index, width), hashes);
  const last = Array.from({ length: size % TILE_WIDTH }, () => entry);
  if (last.length > 0) files.set(bundlePath(Math.floor(size / TILE_WIDTH), last.length), bundleOf(last));
  const head = { customerId: CUSTOMER, size, integrated: size, rootHash: tree.root(), revision: 1 };
  return { ...ports, sequence: memoryAuditSequence([head]) };
}

/** Of all the appends together. */
interface Cost {
  readonly appends: number;
  readonly calls: number;
  /** Read and written in S3. */
  readonly bytes: number;
  readonly cpuMs: number;
  readonly dollarsPerMillionEntries: number;
}

async function costOf(logSize: number, batchSize: number): Promise<Cost> {
  const ports = logOf(logSize);
  let [calls, bytes, microDollars] = [0, 0, 0];
  const counted = async (call: () => Promise<unknown>, name: string, args: readonly unknown[]) => {
    const answer = await call();
    calls += 1;
    bytes += [...args, answer].reduce<number>((sum, value) => sum + bytesIn(value), 0);
    microDollars += PRICES[name] ?? tablePrice(name, batchSize);
    return answer;
  };
  const counting = {
    ...ports,
    sequence: wrapped(ports.sequence, counted),
    objects: wrapped(ports.objects, counted),
    signer: wrapped(ports.signer, counted),
  };

  const before = process.cpuUsage();
  let appends = 0;
  for (let done = 0; done < ENTRIES; done += batchSize, appends++) {
    await appendAudit(entriesFrom(done, Math.min(batchSize, ENTRIES - done)), counting);
  }
  const { user, system } = process.cpuUsage(before);
  const dollarsPerMillionEntries = microDollars / ENTRIES;
  return { appends, calls, bytes, cpuMs: (user + system) / 1_000, dollarsPerMillionEntries };
}

/** The round that other programs of the machine disturbed least. Calls and bytes are the same in each. */
async function quickestOf(logSize: number, batchSize: number): Promise<Cost> {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await costOf(logSize, batchSize));
  return rounds.reduce((best, cost) => (cost.cpuMs < best.cpuMs ? cost : best));
}

function entriesFrom(first: number, count: number) {
  const padding = 'x'.repeat(ENTRY_BYTES - 70);
  const entries = Array.from({ length: count }, (_, at) => ({
    dedupeKeys: [`event-${first + at}`],
    json: JSON.stringify({ v: 1, eventId: `event-${first + at}`, customerId: CUSTOMER, padding }),
  }));
  return { customerId: CUSTOMER, entries };
}

function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.length > 64 ? value.length : 0;
  return typeof value === 'object' && value !== null && 'tag' in value && 'bytes' in value ? bytesIn(value.bytes) : 0;
}

/** A call on the control table, for a batch of entries with one key each. At most 45 go into one. */
function tablePrice(name: string, batchSize: number): number {
  const entries = Math.min(batchSize, 45);
  const kilobytes = Math.ceil((entries * ENTRY_BYTES) / 1_000);
  const units: Readonly<Record<string, number>> = {
    head: READ_UNIT,
    known: batchSize * READ_UNIT,
    sequence: 2 * (1 + kilobytes + entries) * WRITE_UNIT,
    batch: Math.ceil(kilobytes / 4) * READ_UNIT,
    // Its fact comes into the index of what is due, is noted as out, and leaves the index.
    settle: (2 * (2 + kilobytes) + 3) * WRITE_UNIT,
  };
  return units[name] ?? 0;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

export async function run(): Promise<void> {
  const bySize: (Cost & { readonly logSize: number })[] = [];
  for (const logSize of LOG_SIZES) bySize.push({ logSize, ...(await quickestOf(logSize, 10)) });
  const byBatch: (Cost & { readonly batchSize: number })[] = [];
  for (const batchSize of BATCH_SIZES) byBatch.push({ batchSize, ...(await costOf(100_000, batchSize)) });

  const [smallest] = bySize;
  const ratioOf = (name: 'calls' | 'bytes' | 'cpuMs') =>
    rounded(Math.max(...bySize.map((cost) => cost[name] / (smallest?.[name] ?? 1))));
  const ratios = { calls: ratioOf('calls'), bytes: ratioOf('bytes'), cpu: ratioOf('cpuMs') };
  console.log(JSON.stringify({ bench: 'audit-append', limit: LIMIT, ratios, bySize, byBatch }));
  console.log(
    `audit-append: from 10^3 to 10^7 entries an append of 10 takes at most ${ratios.calls} times the calls, ` +
      `${ratios.bytes} times the bytes and ${ratios.cpu} times the CPU (limit ${LIMIT}). ` +
      byBatch.map((cost) => `Batches of ${cost.batchSize}: ${describe(cost)}`).join('; '),
  );
}

const describe = ({ calls, appends, dollarsPerMillionEntries }: Cost): string =>
  `${rounded(calls / appends)} calls, $${rounded(dollarsPerMillionEntries)} per million entries`;

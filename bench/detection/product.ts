/** The packaged product on local AWS, with a phone that on-call is paged on. */
import { randomUUID } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { openEnvelope } from 'keywright-envelope/index';
import { type LocalAws, startLocalAws } from 'local-aws/aws';
import { administratorVariables } from '../../cli/start/administrator';
import { PROVIDER_ACCOUNT } from '../../cli/start/customers';
import { packageOf } from '../../cli/start/package';
import { connectPhone, newPages, type Page } from '../../cli/start/phone';
import type { Incident } from '../../shared/domain/availability/incidents/incident';
import { onboardCustomer } from '../../shared/domain/customers/onboard-customer';
import { inParallel } from '../../shared/domain/parallel-work';
import type { ControlStore } from '../../shared/domain/ports';
import { controlPorts, kmsPorts } from '../../shared/runtime/aws-ports';
import { basicsOf } from '../../shared/runtime/basics';
import { type CustomerSide, customerSide, type Wish } from './customer-side';

const DAY_MS = 86_400_000;
const READS_AT_ONCE = 8;

export interface Product {
  readonly aws: LocalAws;
  readonly control: ControlStore;
  /** A customer with a key of their own. */
  customer(wish: Omit<Wish, 'busArn'>): Promise<CustomerSide>;
  /** The functions that are never started from now on; all others are. */
  switchOff(names: readonly string[]): Promise<void>;
  /** Every page so far, the incident it is about read anew. */
  pages(): Promise<readonly (Page & { readonly incident: Incident | undefined })[]>;
  /** An application that reads a record of each customer's, again and again, until it is ended. */
  application(sides: readonly CustomerSide[]): Promise<{ end(): Promise<void> }>;
  stop(): Promise<void>;
}

export async function productOn(root: string): Promise<Product> {
  const packaged = await packageOf(root);
  const aws = await startLocalAws({ retrySeconds: 1 });
  Object.assign(process.env, administratorVariables(aws, PROVIDER_ACCOUNT));
  const deploy = (off: readonly string[]) =>
    aws.deploy(without(packaged.template, off), { accountId: PROVIDER_ACCOUNT, artifacts: packaged.artifacts });
  const { outputs } = await deploy([]);
  const { control } = controlPorts({ controlTableName: outputs['ControlTableName'] ?? '' });
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  await connectPhone({ sqs, outputs });
  const clock = { now: () => new Date(aws.clock.now()).toISOString() };
  const ports = { control, ...kmsPorts(), ...basicsOf('bench'), clock };
  const pages: Page[] = [];
  const incidents = new Map<string, Incident>();

  return {
    aws,
    control,
    async customer(wish) {
      const side = await customerSide(aws, { ...wish, busArn: outputs['CustomerBusArn'] ?? '' });
      const { customerId, accountId, kmsKeyArn, access, observer } = side;
      await onboardCustomer(
        {
          customer: { customerId, name: customerId, accountId },
          key: { kmsKeyArn, option: 'customer-managed', access, observer },
          dataStores: [{ dataStoreId: 'documents', kind: 'application', capabilities: ['search'] }],
          rotation: {
            strategy: 'customer',
            periodDays: 365,
            reencrypt: true,
            dueAt: new Date(aws.clock.now() + 300 * DAY_MS).toISOString(),
          },
        },
        ports,
      );
      return side;
    },
    switchOff: async (names) => void (await deploy(names)),
    async pages() {
      await newPages(sqs, (page) => void pages.push(page));
      await readIncidents(pages, incidents, control);
      return pages.map((page) => ({ ...page, incident: incidents.get(page.incidentId) }));
    },
    application: (sides) => application(sides, outputs),
    stop: () => aws.stop(),
  };
}

/** Those that are over stay what they are. */
async function readIncidents(
  pages: readonly Page[],
  known: Map<string, Incident>,
  control: ControlStore,
): Promise<void> {
  const ids = new Set(pages.map(({ incidentId }) => incidentId));
  const changing = [...ids].filter((id) => known.get(id)?.state !== 'closed');
  const { succeeded } = await inParallel(changing, READS_AT_ONCE, (id) => control.find('incident', id));
  for (const incident of succeeded) if (incident) known.set(incident.incidentId, incident);
}

/** The template, with functions that are never started. */
function without(template: Record<string, unknown>, off: readonly string[]) {
  const made = structuredClone(template) as { Resources: Record<string, { Properties?: Record<string, unknown> }> };
  for (const { Properties = {} } of Object.values(made.Resources)) {
    const isOff = off.some((name) => Properties['FunctionName'] === `keywright-dev-${name}`);
    if (isOff) Properties['ReservedConcurrentExecutions'] = 0;
  }
  return made;
}

const READ_EVERY_MS = 250;

async function application(sides: readonly CustomerSide[], outputs: Readonly<Record<string, string>>) {
  const envelope = openEnvelope({
    controlTableName: outputs['ControlTableName'] ?? '',
    dataKeyTableName: outputs['DataKeyTableName'] ?? '',
    reportTableName: outputs['ReportTableName'] ?? '',
    windowMs: 0,
  });
  let ended = false;
  const reads = sides.map(async ({ customerId }) => {
    const place = { customerId, dataStoreId: 'documents' };
    const container = await envelope.encrypt(place, Buffer.from(randomUUID()));
    return async () => {
      while (!ended) {
        // As an application does: it reads, and it writes.
        await Promise.allSettled([envelope.decrypt(place, container), envelope.encrypt(place, container)]);
        await new Promise((resolve) => setTimeout(resolve, READ_EVERY_MS));
      }
    };
  });
  const running = (await Promise.all(reads)).map((read) => read());
  return {
    async end() {
      ended = true;
      await inParallel(running, running.length, (one) => one);
    },
  };
}

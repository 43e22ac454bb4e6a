/** Boots local AWS, deploys the packaged template to it, runs the scenario, and stays up. */
import { join } from 'node:path';
import { type LocalAws, startLocalAws } from 'local-aws/aws';
import { PROVIDER_ACCOUNT } from './customers';
import { withLocalWebhooks } from './deliveries/local-webhooks';
import { openNotes } from './notes';
import type { StartOptions } from './options';
import { type Package, packageOf } from './package';
import { newFindings, openReport } from './report';
import type { Scene, Step } from './scene';
import { exitCodeOf, firstSignal, type Signal } from './signals';
import { sceneOn } from './stage';
import { stayUp } from './stay-up';
import { deliverAudit } from './steps/deliver-audit';
import { onboardCustomers } from './steps/onboard-customers';
import { loseOwnPermission } from './steps/own-trouble';
import { protectData } from './steps/protect-data';
import { oldKeyIsRetired, readEverything } from './steps/read-everything';
import { giveKeyBack, loseMoreKeys, refuseWhileAway, takeKeyAway } from './steps/revocation';
import { customerRotates, reportRotations, rotateByItself, rotateOnSchedule } from './steps/rotations';
import { verifyAudit } from './steps/verify-audit';
import { summaryOf } from './summary';
import { type Terminal, terminal } from './terminal';

const REGION = 'eu-central-1';

/** A message that failed comes back after its visibility timeout, minutes in the cloud: nobody wants to watch that. */
const RETRY_SECONDS = 2;

const SCENARIO: readonly Step[] = [
  onboardCustomers,
  protectData,
  rotateOnSchedule,
  customerRotates,
  rotateByItself,
  readEverything,
  oldKeyIsRetired,
  takeKeyAway,
  refuseWhileAway,
  giveKeyBack,
  loseMoreKeys,
  loseOwnPermission,
  verifyAudit,
  deliverAudit,
];

/** @returns the exit code: 0 if every check held. */
export async function start(root: string, options: StartOptions): Promise<number> {
  const writeReport = options.report ? openReport(options.report) : undefined;
  const screen = terminal();
  screen.heading('Keywright on an AWS of this machine');
  const packaged = await packaging(root, screen);

  const bootedAt = Date.now();
  const aws = await startLocalAws({
    region: REGION,
    retrySeconds: RETRY_SECONDS,
    ...(options.data && { folder: options.data }),
    ...(options.port && { port: options.port }),
  });
  const signal = firstSignal();
  try {
    const ended = await Promise.race([scenario(aws, packaged, { data: options.data, screen, bootedAt }), signal]);
    if (typeof ended === 'string') return await interrupted(aws, ended);

    const { findings } = ended;
    screen.line(summaryOf(findings));
    writeReport?.(findings.report);
    if (!options.once) await stayUp(ended, screen, signal);
    return findings.checks.every((check) => check.holds) ? 0 : 1;
  } finally {
    await aws.stop();
  }
}

/** Its steps wait for what does not come any more, and are not waited for. */
async function interrupted(aws: LocalAws, signal: Signal): Promise<never> {
  await aws.stop();
  process.exit(exitCodeOf(signal));
}

interface Stage {
  readonly data: string | undefined;
  readonly screen: Terminal;
  readonly bootedAt: number;
}

async function scenario(aws: LocalAws, packaged: Package, { data, screen, bootedAt }: Stage) {
  const findings = newFindings();
  let outputs: Readonly<Record<string, string>> = {};
  await screen.step('Boot local AWS and deploy the packaged template to it', async () => {
    const deployed = await aws.deploy(withLocalWebhooks(packaged.template), {
      accountId: PROVIDER_ACCOUNT,
      artifacts: packaged.artifacts,
    });
    outputs = deployed.outputs;
    findings.report.bootMs = Date.now() - bootedAt;
    return `${Object.keys(deployed.physicalIds).length} resources at ${aws.url}`;
  });

  const notes = openNotes(data && join(data, 'scenario.json'));
  const scene = await sceneOn(aws, { outputs, notes, findings });
  const playedAt = Date.now();
  await play(scene, screen);
  findings.report.scenarioMs = Date.now() - playedAt;
  return scene;
}

async function packaging(root: string, screen: Terminal): Promise<Package> {
  let packaged: Package | undefined;
  await screen.step('Package the functions and their template', async () => {
    packaged = await packageOf(root);
    return packaged.fresh ? 'bundled with esbuild, packaged with osls' : 'nothing changed since the last time';
  });
  if (!packaged) throw new Error('Packaging ended without a package.');
  return packaged;
}

async function play(scene: Scene, screen: Terminal): Promise<void> {
  for (const step of SCENARIO) await screen.step(step.title, (say) => step.run({ ...scene, say }));
  await reportRotations(scene);
}

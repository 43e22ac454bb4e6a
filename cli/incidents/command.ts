/** `keywright incidents`, `incident`, `explain` and `ack`: what is wrong with keys, and who has it in hand. */
import type { IncidentPage } from '../../shared/domain/api/list-incidents';
import type { IncidentShown, ShownIncident } from '../../shared/domain/api/show-incident';
import type { Explanation } from '../../shared/domain/availability/incidents/explain-incident';
import { KEY_HELP, operatorCommand, whichKeys, withApi } from '../operate/command';
import { numberOf } from '../operate/number';
import { showAcknowledged, showExplanation, showIncident, showIncidents } from './report';

interface ListOptions {
  readonly key?: string;
  readonly customer?: string;
  readonly all?: boolean;
  readonly limit?: number;
  readonly after?: string;
}

const LIST_EXAMPLES = `
$ keywright incidents                          everything that is open
$ keywright incidents --customer globex --all  also what is over
$ keywright incidents --key alias/keywright/shared --all --limit 10`;

/** `keywright incidents` */
export const incidentsCommand = () =>
  operatorCommand('incidents', 'list incidents of KMS keys: those that are open first', LIST_EXAMPLES)
    .option('--key <key>', KEY_HELP)
    .option('--customer <id>', 'of all keys that this customer’s data depends on')
    .option('--all', 'also those that are over, with --key or --customer')
    .option('--limit <number>', 'how many at a time, 100 at the most (default: 50)', numberOf)
    .option('--after <cursor>', 'go on where the page before ended')
    .action(
      withApi(async ({ api, print }, { key, customer, all, limit, after }: ListOptions) => {
        const answer = await api.call<IncidentPage>('list-incidents', {
          ...whichKeys(key, customer),
          ...(all && { all }),
          ...(limit !== undefined && { limit }),
          ...(after !== undefined && { after }),
        });
        print(answer, () => showIncidents(answer));
      }),
    );

const ID_HELP = 'the id of an incident, as its page and `keywright incidents` name it';

const SHOW_EXAMPLES = `
$ keywright incident 019aa3…         its timeline, impact and evidence
$ keywright incident 019aa3… --json`;

/** `keywright incident ID` */
export const incidentCommand = () =>
  operatorCommand('incident', 'show one incident with its timeline', SHOW_EXAMPLES)
    .argument('<incident>', ID_HELP)
    .action(
      withApi(async ({ api, print }, incidentId: string) => {
        const answer = await api.call<IncidentShown>('show-incident', { incidentId });
        print(answer, () => showIncident(answer));
      }),
    );

const EXPLAIN_EXAMPLES = `
$ keywright explain 019aa3…         what happened, what it does, what to do
$ keywright explain 019aa3… --json`;

/** `keywright explain ID` */
export const explainCommand = () =>
  operatorCommand('explain', 'explain an incident in plain words, and say what to do next', EXPLAIN_EXAMPLES)
    .argument('<incident>', ID_HELP)
    .action(
      withApi(async ({ api, print }, incidentId: string) => {
        const answer = await api.call<Explanation>('explain-incident', { incidentId });
        print(answer, () => showExplanation(answer));
      }),
    );

const ACK_EXAMPLES = `
$ keywright ack 019aa3… --note "I am calling Acme's security contact"`;

/** `keywright ack ID` */
export const ackCommand = () =>
  operatorCommand('ack', 'acknowledge an open incident: you have it in hand', ACK_EXAMPLES)
    .argument('<incident>', ID_HELP)
    .requiredOption('--note <text>', 'who does what, as the audit stream shows it')
    .action(
      withApi(async ({ api, print }, incidentId: string, { note }: { readonly note: string }) => {
        const answer = await api.call<{ incident: ShownIncident }>('acknowledge-incident', { incidentId, note });
        print(answer, () => showAcknowledged(answer.incident, note));
      }),
    );

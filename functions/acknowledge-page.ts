/**
 * acknowledge-page
 *
 * Trigger: its function URL, by anybody who has a link from a page: GET shows the incident and a form, POST acknowledges. Publishes:
 * `incident-acknowledged.v1`, through the outbox.
 * Permissions: kms:VerifyMac with the key of links, which it can sign nothing with; reads incidents; writes incidents and facts.
 * Repeats: safe, an incident is acknowledged once. Fails: who opened the link is told to try again, or the command to type.
 */
import { acknowledgePage } from '../shared/domain/availability/acknowledging/acknowledge-page';
import { pageOfAnswer } from '../shared/domain/availability/acknowledging/answer-html';
import { controlPorts, linkVerifierPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onLink } from '../shared/runtime/on-link';

const config = configOf(['controlTableName', 'linkKeyArn']);
const ports = { ...basicsOf('acknowledge-page'), ...controlPorts(config), ...linkVerifierPort(config) };

export const handler = onLink(async (request) => pageOfAnswer(await acknowledgePage(request, ports)), ports);

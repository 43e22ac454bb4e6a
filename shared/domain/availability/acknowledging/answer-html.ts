/** What a browser is shown of a link in a page: plain HTML, without a script, a style or anything from elsewhere. */
import { utc } from '../../instants';
import { type Incident, isOver } from '../incidents/incident';
import { severityOf } from '../incidents/severity';
import { sentencesOf } from '../paging/page-text';
import { type LinkAnswer, NAME_MAX, NOTE_MAX } from './acknowledge-page';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** An HTTP answer: its status and its body. */
export interface WebPage {
  readonly status: number;
  readonly html: string;
}

/** What cannot be told apart from outside: the same for each link that is none of ours. */
const UNKNOWN = page(404, 'There is no such link', [
  'It acknowledges nothing. Take it whole from the page that you were sent, or acknowledge from the command line:',
  code('keywright incidents'),
]);

/** That something failed here. @param status 503: it may pass; 500: it does not. */
export const failurePage = (status: 500 | 503): WebPage =>
  page(status, 'Nothing was acknowledged', [
    status === 503 ? 'Try again in a moment, or acknowledge' : 'Something went wrong here. Acknowledge',
    'from the command line, by the id of the incident that stands in the page:',
    code('keywright ack INCIDENT --note "who does what"'),
  ]);

/** That it asks for something that no link takes. */
export const refusalPage = (status: 405 | 413): WebPage =>
  page(status, 'Nothing was acknowledged', [
    status === 405 ? 'Open the link, and send the form that it shows.' : 'What was sent is too long.',
  ]);

/** Each answer says what is so, and what to do next. */
export function pageOfAnswer(answer: LinkAnswer): WebPage {
  if (answer.outcome === 'unknown') return UNKNOWN;
  if (answer.outcome === 'expired') {
    const { incidentId } = answer;
    return page(410, 'This link has expired', ['Acknowledge from the command line:', ackCommand(incidentId)]);
  }
  return page(answer.outcome === 'refused' ? 409 : 200, ...stateOf(answer.incident));
}

/** A heading, and paragraphs of HTML. */
function stateOf(incident: Incident): readonly [string, readonly string[]] {
  const { incidentId, acknowledged } = incident;
  if (isOver(incident))
    return [`Incident ${incidentId} is over`, ['Nothing is left to do. How it went:', command('incident', incidentId)]];
  const about = [`Incident ${incidentId}, ${severityOf(incident)}.`, escaped(sentencesOf(incident).title)];
  if (acknowledged) {
    const { by, at, note } = acknowledged;
    const said = escaped(`${by} has it in hand since ${utc(at)}: ${note}`);
    return ['It is acknowledged', [said, ...about, 'What to do:', command('explain', incidentId)]];
  }
  return [
    'Do you have it in hand?',
    [...about, 'Nobody has acknowledged it yet: to open this page was not enough.', FORM, ackCommand(incidentId)],
  ];
}

const FORM = [
  '<form method="post">',
  field('name', 'Your name', NAME_MAX),
  field('note', 'Who does what', NOTE_MAX),
  '<p><button>Acknowledge</button></p></form>',
].join('');

function field(name: string, label: string, max: number): string {
  return `<p><label>${label} (optional)<br><input name="${name}" maxlength="${max}" autocomplete="off"></label></p>`;
}

const command = (name: string, incidentId: string): string => code(`keywright ${name} ${incidentId}`);

const ackCommand = (incidentId: string): string => code(`keywright ack ${incidentId} --note "who does what"`);

function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

function page(status: number, heading: string, paragraphs: readonly string[]): WebPage {
  const title = escaped(heading);
  const body = paragraphs.map((text) => (text.startsWith('<form') ? text : `<p>${text}</p>`)).join('\n');
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>`;
  return {
    status,
    html: `<!doctype html>\n<html lang="en"><head>${head}</head>\n<body><h1>${title}</h1>\n${body}\n</body></html>\n`,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

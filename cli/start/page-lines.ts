/** A page's line as a terminal of 80 columns shows it: what goes on stands below what it goes on. A command stays whole. */
import { wrapped } from '../output/wrapped';

/** `Next step:  `, and what stands below it. */
const LABEL = /^(?:[A-Z][\w ]*: +| +(?:- )?)/;
const COMMAND = /^ *(?:keywright|aws) /;

export function pageLines(line: string, columns = 74): readonly string[] {
  if (COMMAND.test(line)) return [line];
  const [label = ''] = LABEL.exec(line) ?? [];
  return wrapped(line.slice(label.length), label, columns).split('\n');
}

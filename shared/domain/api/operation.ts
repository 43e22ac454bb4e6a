/**
 * What people and programs can ask for, by one name in the API and on the command line.
 *
 * An operation is thin: it reads its input, names the key or the job that is meant, and runs one verb.
 */
import * as z from 'zod/mini';
import { invalid, type KeywrightError } from '../errors';
import { type Caller, type ProofPorts, type ProvenCaller, provenCaller } from '../retirement/identity-proof';

export interface Operation<Ports> {
  /** `request-rotation` */
  readonly name: string;
  /**
   * @param input As it came, checked here.
   * @throws KeywrightError `input.invalid`, naming the field at fault; and what the verb throws.
   */
  run(input: unknown, caller: Caller, ports: Ports): Promise<object>;
}

type Fields = Readonly<Record<string, z.ZodMiniType>>;

/**
 * An operation that whoever may ask at all may ask for alone: the caller’s name, as the event has it, is only told on.
 * A field that the operation does not know is refused: a mistyped `dryRun` must not become the real thing.
 */
export function defineOperation<Shape extends Fields, Ports>(
  name: string,
  fields: Shape,
  run: (input: z.output<z.ZodMiniObject<Shape>>, caller: Caller, ports: Ports) => Promise<object>,
): Operation<Ports> {
  const schema = z.strictObject(fields);
  return {
    name,
    async run(input, caller, ports) {
      const result = schema.safeParse(input);
      if (!result.success) throw refusalOf(result.error.issues[0], Object.keys(fields));
      return run(result.data as z.output<z.ZodMiniObject<Shape>>, caller, ports);
    },
  };
}

/** The same where it counts who asks: they have proven it, for every word of the input. */
export const defineProvenOperation = <Shape extends Fields, Ports>(
  name: string,
  fields: Shape,
  run: (input: z.output<z.ZodMiniObject<Shape>>, caller: ProvenCaller, ports: Ports) => Promise<object>,
): Operation<Ports & ProofPorts> =>
  defineOperation(name, fields, async (input, caller, ports: Ports & ProofPorts) =>
    run(input, await provenCaller(caller, ports), ports),
  );

type Issue = z.core.$ZodIssue;

function refusalOf(issue: Issue | undefined, known: readonly string[]): KeywrightError {
  if (issue?.code === 'unrecognized_keys') {
    const [field = ''] = issue.keys;
    return invalid(field, `is not a field of this operation. Its fields: ${known.join(', ') || 'none'}.`);
  }
  const path = issue?.path.map(String).join('.');
  return path ? invalid(path, `${issue?.message}.`) : invalid('input', 'must be a JSON object.');
}

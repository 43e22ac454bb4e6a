/**
 * What people and programs can ask for, by one name in the API and on the command line.
 *
 * An operation is thin: it reads its input, names the key or the job that is meant, and runs one verb.
 */
import * as z from 'zod/mini';
import { invalid, type KeywrightError } from '../errors';

/** Who asks, as AWS verified it. */
export interface Caller {
  /** `arn:aws:iam::ID:user/NAME`, or `arn:aws:sts::ID:assumed-role/ROLE/SESSION`. Who is one person: `approval.ts`. */
  readonly principal: string;
}

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

/** A field that the operation does not know is refused: a mistyped `dryRun` must not become the real thing. */
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

type Issue = z.core.$ZodIssue;

function refusalOf(issue: Issue | undefined, known: readonly string[]): KeywrightError {
  if (issue?.code === 'unrecognized_keys') {
    const [field = ''] = issue.keys;
    return invalid(field, `is not a field of this operation. Its fields: ${known.join(', ') || 'none'}.`);
  }
  const path = issue?.path.map(String).join('.');
  return path ? invalid(path, `${issue?.message}.`) : invalid('input', 'must be a JSON object.');
}

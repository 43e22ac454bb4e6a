import * as z from 'zod/mini';

/** Of a schedule or of a group. Source of limit and pattern: Scheduler's service model in botocore. */
export const name = z.string().check(z.minLength(1), z.maxLength(64), z.regex(/^[0-9a-zA-Z-_.]+$/));

/** Input fields that several operations share. Source of limits and patterns: EventBridge's service model in botocore. */
import * as z from 'zod/mini';

export const ruleName = z.string().check(z.minLength(1), z.maxLength(64), z.regex(/^[.\-_A-Za-z0-9]+$/));
export const busName = z.string().check(z.minLength(1), z.maxLength(256), z.regex(/^[/.\-_A-Za-z0-9]+$/));
/** By name or by ARN. */
export const busNameOrArn = z.string().check(z.minLength(1), z.maxLength(1600));
export const arn = z.string().check(z.minLength(1), z.maxLength(1600));
export const description = z.string().check(z.maxLength(512));
export const limit = z.number().check(z.gte(1), z.lte(100));
/** Tags of buses and rules have no operations here: what nobody could read again is refused, not dropped unsaid. */
export const noTags = z.optional(
  z.array(z.unknown()).check(z.refine((list) => list.length === 0, 'Local EventBridge keeps no tags; leave them out')),
);

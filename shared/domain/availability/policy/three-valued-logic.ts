/** What can be said of a policy: true, false, or undefined where it depends on what we do not know. */
export type Truth = boolean | undefined;

/** False as soon as one is; true when all are. Of none: true. */
export function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

/** True as soon as one is; false when none can be. Of none: false. */
export function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  return truths.includes(undefined) ? undefined : false;
}

/** What is not known stays so. */
export const notOf = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);

/** A call on an engine, with what CloudTrail hears of it. */
import type { Call, Engine, Outcome } from './call';
import type { Trail } from './contracts';
import type { Store } from './store';

/**
 * Hands a call to an engine, and its outcome to the recorder. What the engine does without a pause is one change of the
 * store with its record: a kill leaves both or neither, so that no effect goes unseen.
 */
export function loggedCall(
  engine: Engine,
  call: Call,
  { store, trail }: { readonly store: Pick<Store, 'together'>; readonly trail: Pick<Trail, 'record'> },
): Outcome | Promise<Outcome> {
  const recorded = (outcome: Outcome): Outcome => {
    if (outcome.trail) trail.record(call, outcome);
    return outcome;
  };
  let answer: Outcome | Promise<Outcome> = {};
  store.together(() => {
    const made = engine.handle(call);
    answer = made instanceof Promise ? made.then(recorded) : recorded(made);
  });
  return answer;
}

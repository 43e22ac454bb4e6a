/** What docs/lifecycle.md says of a table of legal moves, so that a state or a move that nobody describes does not compile. */
import type { Moves } from '../../../shared/domain/legal-moves';

/** Who may cause a move. `outside`: AWS, a customer, or whoever else may call KMS, by an act that Keywright notices. */
export type Actor = 'one person' | 'two people' | 'Keywright' | 'the application' | 'outside';

/** Ways in which one move comes about that the same fact tells of. */
export interface Way {
  readonly by: readonly Actor[];
  /** Absent where no fact tells of it. */
  readonly fact?: { readonly detailType: string };
  /** The fact comes with a later change, not in the same transaction. */
  readonly later?: true;
}

type AboutState<State extends { readonly initial?: true; readonly next: readonly string[] }> = {
  /** What is true when a row comes into the state. */
  readonly entry: string;
  readonly next: { readonly [Next in State['next'][number]]: readonly Way[] };
} & (State extends { readonly initial: true } ? { readonly begins: readonly Way[] } : unknown);

/** The title of a table, and what its states and moves mean. */
export interface About<Table extends Pick<Moves<never>, 'states'>> {
  readonly title: string;
  readonly states: { readonly [State in keyof Table['states']]: AboutState<Table['states'][State]> };
}

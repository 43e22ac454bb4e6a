/** Legal moves: a row that is in a state begins in it, and leaves it for another, through here and by the table beside its type. */

/** The states of a row type: in which rows begin, and what may follow each. To stay in a state is always legal. */
export interface Moves<Row, State extends string = string> {
  readonly entityType: string;
  readonly stateOf: (row: Row) => State;
  readonly states: Readonly<Record<State, { readonly initial?: true; readonly next: readonly State[] }>>;
}

/**
 * A row was about to make a move that its table does not have. That is a bug, or the rows it was decided from were read at
 * different moments: `retryOnConflict` reads again, and what is thrown after that is retried by its trigger, and alarmed.
 */
export class IllegalMove extends Error {
  override readonly name = 'IllegalMove';

  constructor(entityType: string, from: string | undefined, to: string) {
    const move = from === undefined ? `begin as ${to}` : `go from ${from} to ${to}`;
    super(`${entityType}: by its table of legal moves no row may ${move}.`);
  }
}

/**
 * The row in its new state, to be committed.
 *
 * @param before The row as it was read; undefined for one that begins.
 * @throws IllegalMove
 */
export function transition<Row>(moves: Moves<Row>, before: NoInfer<Row> | undefined, after: NoInfer<Row>): Row {
  const from = before && moves.stateOf(before);
  const to = moves.stateOf(after);
  const isLegal = from === undefined ? moves.states[to]?.initial : from === to || moves.states[from]?.next.includes(to);
  if (!isLegal) throw new IllegalMove(moves.entityType, from, to);
  return after;
}

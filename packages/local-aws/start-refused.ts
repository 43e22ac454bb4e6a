/** What keeps local AWS from starting, or ends it. Its message is for people: what is wrong, and the way out. */
export class LocalAwsFault extends Error {
  override readonly name = 'LocalAwsFault';
}

/** An entry in a format. */
export interface Formatted {
  readonly contentType: string;
  /** One JSON value in UTF-8, without a line break. */
  readonly body: Uint8Array;
}

/** What `keywright start` is asked. */
export interface StartOptions {
  readonly once?: boolean;
  readonly report?: string;
  readonly data?: string;
  readonly port?: number;
}

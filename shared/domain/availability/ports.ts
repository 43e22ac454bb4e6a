/** What is needed to have somebody look at a key that cannot be used. */
import type { ChannelKind } from './paging/channel';
import type { Page } from './paging/page';

/** Where a page goes. */
export interface Destination {
  readonly target: string;
  /** A routing key, a signing secret or a URL: never logged, and in no error. */
  readonly secret?: string;
}

export interface Pager {
  /**
   * Sends a page. Repeats with the same `incidentId` belong together.
   *
   * @throws KeywrightError `page.not-sent` (retry): it was not taken, or nobody can tell. The reason names no secret.
   */
  page(page: Page, to: Destination): Promise<void>;
}

/** One for each kind of channel. */
export type Pagers = Readonly<Record<ChannelKind, Pager>>;

/** Keeps secrets of channels readable for nobody but who sends pages. */
export interface SecretSealer {
  /** @param name What the secret is for: it opens under this name alone. @throws KeywrightError `secret.not-opened` (retry). */
  seal(secret: string, name: string): Promise<Uint8Array>;
}

/** Signs what links in pages say. */
export interface LinkSigner {
  /**
   * The same 32 bytes for the same text, within a second or two: a page waits for it.
   *
   * @throws KeywrightError any code that begins with `kms.`.
   */
  sign(text: string): Promise<Uint8Array>;
}

/** Tells links of ours from others: it can make none. */
export interface LinkVerifier {
  /** Whether it is what `sign` made of the text. @throws KeywrightError any code that begins with `kms.` when nobody can tell. */
  isSigned(text: string, mac: Uint8Array): Promise<boolean>;
}

export interface SecretOpener {
  /** @throws KeywrightError `secret.not-opened` (retry): it was sealed for another name, or KMS does not answer. */
  open(sealed: Uint8Array, name: string): Promise<string>;
}

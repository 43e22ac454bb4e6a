import type { WrappingAlgorithm } from './wrapping';

/** What GetParametersForImport handed out, kept until the material comes or the time is over. */
export interface ImportParameters {
  readonly keyArn: string;
  readonly algorithm: WrappingAlgorithm;
  /** Base64 of the private wrapping key, PKCS #8 DER. */
  readonly privateKey: string;
  readonly validToMs: number;
}

/** The engine writes ARNs of an account of its own; the deployment knows tables by its own account and region. */

export interface Home {
  readonly accountId: string;
  readonly region: string;
}

export interface ArnMapping {
  /** What the engine wrote, in the deployment's words. */
  toHome(text: string): string;
  /** What a caller wrote, in the engine's words. */
  toEngine(text: string): string;
}

/** Engines like DynamoDB Local and dynoxide use this account. */
const ENGINE_ACCOUNT = '000000000000';

export function arnMapping({ accountId, region }: Home, arnRegion: string): ArnMapping {
  const home = `:${region}:${accountId}:`;
  const engine = `:${arnRegion}:${ENGINE_ACCOUNT}:`;
  return {
    toHome: (text) => text.replaceAll(engine, home).replaceAll(`"awsRegion":"${arnRegion}"`, `"awsRegion":"${region}"`),
    toEngine: (text) => text.replaceAll(home, engine),
  };
}

export interface DataStoreCount {
  readonly kmsKeyArn: string;
  readonly dataStores: number;
  readonly revision: number;
}

/** What a field means wherever it occurs, for fields whose contract says nothing of its own about them. */
const MEANINGS: Readonly<Record<string, string>> = {
  factId: 'the same however often the fact is delivered',
  at: 'when it became true',
  kmsKeyArn: 'the KMS key it is about',
  customerId: 'the customer it is about; absent where several share the key',
  toKmsKeyArn: 'the key that data keys are wrapped under now: the same one, or the one that took its place',
  fromKeyMaterialId: 'the material before',
  toKeyMaterialId: 'the material that new data keys are wrapped under',
  keyMaterialId: 'the material it is about',
  rotationId: 'the rotation',
  strategy: 'how the key is rotated',
  startedBy: 'the policy’s schedule, a person, or somebody else whom we observed',
  reencrypt: 'whether data keys are re-encrypted after it',
  replacedBy: 'the key that took its place',
  drillId: 'the drill',
  jobId: 'the re-encryption job',
  requestId: 'what a person asked for; jobs of one request share it',
  shard: 'the part of the job, from 0',
  batch: 'the batch of that part, from 0',
  total: 'data keys that the job came across',
  reencrypted: 'data keys wrapped anew',
  quarantined: 'data keys that could not be wrapped anew: each keeps its cause until somebody asks again',
  reason: 'why, in words for a person',
  references: 'what still needs the key, in words for a person',
  dataKeys: 'data keys that are still wrapped under it',
  dataStores: 'data stores that still name it',
  option: 'the encryption option',
  incidentId: 'the incident; pages with the same one belong together',
  cause: 'the confirmed cause, from the closed list of causes',
  confidence: 'how far the cause is known: AWS says so, it follows from what we read besides, or neither tells',
  party: 'whose act it is: the customer’s, ours as the provider, or one that AWS does not tell apart',
  recoveredAt: 'when the key could be used again',
  from: 'what it was before',
  to: 'what it is now',
  evidence: 'what the verdict rests on',
  signal: 'where the hint came from',
  observed: 'what was seen, in AWS’s words',
  signalledAt: 'when it was seen',
  about: 'whether the incident was opened or closed, or the key’s deletion comes nearer',
  fromIndex: 'the first entry that was appended, counted from 0',
  size: 'entries in the stream now',
  rootHash: 'root of the tree over all entries, base64',
};

/** @throws Error for a field that nothing explains. */
export function meaningOf(field: string, where: string): string {
  const meaning = MEANINGS[field];
  if (meaning !== undefined) return meaning;
  throw new Error(`${where}: say above the field ${field} what it means, or in cli/docs/meanings.ts.`);
}

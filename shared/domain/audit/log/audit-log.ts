/** That a customer has an audit log, and when its checkpoint is to be signed anew at the latest. */
export interface AuditLog {
  readonly customerId: string;
  readonly dueAt: string;
  readonly revision: number;
}

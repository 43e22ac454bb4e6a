/** That a channel did not take a page. */
import type { Page } from '../../domain/availability/paging/page';
import { KeywrightError } from '../../domain/errors';

/** @param reason What happened, without anything that the destination keeps secret or that somebody else wrote. */
export const notSent = ({ incidentId }: Pick<Page, 'incidentId'>, reason: string): KeywrightError =>
  new KeywrightError('page.not-sent', `The channel did not take a page: ${reason}.`, { incidentId, reason });

/** Names of errors of AWS’s SDK tell what happened; their texts may repeat what was sent. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'an error');

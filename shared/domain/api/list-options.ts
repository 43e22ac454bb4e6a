/** The six encryption options, each with every column. */
import { ENCRYPTION_OPTIONS, type EncryptionOption } from '../customers/customer';
import { type AboutOption, ENCRYPTION_OPTION_TABLE } from '../customers/option-descriptions';
import { defineOperation } from './operation';

export type ShownOption = { readonly option: EncryptionOption } & AboutOption;

export const listOptions = defineOperation('list-options', {}, async () => ({ options: shownOptions() }));

/** In the order of how much the customer holds, the least first. */
export const shownOptions = (): readonly ShownOption[] =>
  ENCRYPTION_OPTIONS.map((option) => ({ option, ...ENCRYPTION_OPTION_TABLE[option] }));

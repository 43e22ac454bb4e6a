/** Numbers among the options of a command. Which of them an operation takes, the API says. */
import { InvalidArgumentError } from 'commander';

export function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number.');
}

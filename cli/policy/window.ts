/** `mon-fri 22:00-06:00 Europe/Berlin`: when work may begin, as a person writes it. */
import { InvalidArgumentError } from 'commander';
import { WEEKDAYS, type WorkWindow } from '../../shared/domain/rotation/work-window';

/** Times and time zone are sent as they are: the API says what is wrong with them. */
export function windowOf(text: string): WorkWindow {
  const [days, times, timeZone, ...rest] = text.trim().split(/\s+/);
  const [from, to, ...more] = times?.split('-') ?? [];
  if (!days || !from || !to || !timeZone || rest.length > 0 || more.length > 0) {
    throw new InvalidArgumentError('Write days, times and time zone: "mon-fri 22:00-06:00 Europe/Berlin".');
  }
  return { days: days.split(',').flatMap(daysOf), from, to, timeZone };
}

/** `mon-fri` and `sat-mon` are ranges, `wed` is a day. */
function daysOf(text: string): WorkWindow['days'] {
  const [first = '', last = first, ...rest] = text.toLowerCase().split('-');
  if (rest.length > 0) throw new InvalidArgumentError(`"${text}" is no range of days. Write one as mon-fri.`);
  const [begin, end] = [indexOf(first), indexOf(last)];
  return end < begin ? [...WEEKDAYS.slice(begin), ...WEEKDAYS.slice(0, end + 1)] : WEEKDAYS.slice(begin, end + 1);
}

function indexOf(day: string): number {
  const index = (WEEKDAYS as readonly string[]).indexOf(day);
  if (index >= 0) return index;
  throw new InvalidArgumentError(`"${day}" is no day. There are: ${WEEKDAYS.join(', ')}.`);
}

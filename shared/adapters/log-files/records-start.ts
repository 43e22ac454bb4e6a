/** Finds the list of records in the object of a CloudTrail log, whatever members stand before it. */
import { afterSpaces, BYTE, MORE, scanValue } from './json-scan';

/** It is no object that holds a list of records. */
const NONE = -3;

const RECORDS = Buffer.from('"Records"');

/** Where the elements of `Records` begin in the object whose brace is at `start`; `MORE` or `NONE`. */
export function recordsStart(bytes: Buffer, start: number, linesEnd: boolean): number {
  let at = start + 1;
  while (at >= 0) {
    const name = memberName(bytes, at);
    const value = name < 0 ? name : memberValue(bytes, name, linesEnd);
    if (value < 0) return value;
    if (bytes[value] === BYTE.openBracket && isRecords(bytes, name)) return value + 1;
    at = behind(bytes, value, linesEnd);
  }
  return at;
}

function memberName(bytes: Buffer, start: number): number {
  const first = afterSpaces(bytes, start);
  const name = bytes[first] === BYTE.comma ? afterSpaces(bytes, first + 1) : first;
  if (name >= bytes.length) return MORE;
  return bytes[name] === BYTE.quote ? name : NONE;
}

function memberValue(bytes: Buffer, name: number, linesEnd: boolean): number {
  const end = behind(bytes, name, linesEnd);
  if (end < 0) return end;
  const colon = afterSpaces(bytes, end);
  if (colon < bytes.length && bytes[colon] !== BYTE.colon) return NONE;
  const value = afterSpaces(bytes, colon + 1);
  return value < bytes.length ? value : MORE;
}

function isRecords(bytes: Buffer, name: number): boolean {
  return bytes.subarray(name, name + RECORDS.length).equals(RECORDS);
}

function behind(bytes: Buffer, start: number, linesEnd: boolean): number {
  const { end } = scanValue(bytes, start, linesEnd);
  return end >= 0 || end === MORE ? end : NONE;
}

/** ARNs of event buses and rules, the ways in which callers name them, and how events write instants. */
import { AwsError } from '../call';

export interface BusName {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
}

export const DEFAULT_BUS = 'default';

export function busArn({ accountId, region, name }: BusName): string {
  return `arn:aws:events:${region}:${accountId}:event-bus/${name}`;
}

/** Rules of the default bus do not carry its name. */
export function ruleArn(bus: BusName, ruleName: string): string {
  const path = bus.name === DEFAULT_BUS ? ruleName : `${bus.name}/${ruleName}`;
  return `arn:aws:events:${bus.region}:${bus.accountId}:rule/${path}`;
}

/** Reads a bus as callers name it: by name within their own account and Region, by ARN anywhere, or not at all. */
export function readBusName(named: string | undefined, home: Omit<BusName, 'name'>): BusName {
  if (named === undefined) return { accountId: home.accountId, region: home.region, name: DEFAULT_BUS };
  if (!named.startsWith('arn:')) return { accountId: home.accountId, region: home.region, name: named };
  const [, , service, region = '', accountId = '', resource = ''] = named.split(':');
  const name = resource.replace(/^event-bus\//, '');
  if (service !== 'events' || name === resource || name === '') {
    throw new AwsError('ValidationException', `${named} is not the ARN of an event bus.`);
  }
  return { accountId, region, name };
}

export function serviceOf(arn: string): string {
  return arn.split(':')[2] ?? '';
}

export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

export function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

/** EventBridge writes instants to the second: `2026-01-31T12:00:00Z`. */
export function secondPrecision(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

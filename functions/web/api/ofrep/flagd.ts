import { hash } from 'node:crypto';
import { type Evaluation, mayBeOn } from '../../../../domain/feature/evaluate.ts';
import { inTurns } from '../../../platform/turns.ts';
import type { BytesAnswer } from '../../http/respond.ts';
import type { Caller } from '../../http/tokens.ts';
import type { ApiDeps } from '../bind.ts';
import { matches } from './bulk.ts';
import type { Flag } from './flag.ts';
import type { KeptFlags } from './keptFlags.ts';

// Wire format: the flag definitions of flagd (flagd.dev/schema/v0/flags.json), whose rules are JsonLogic.

/** What is off in every context: a missing key would give the caller’s default. */
const OFF = '{"state":"ENABLED","variants":{"off":false},"defaultVariant":"off"}';

type Rule = Readonly<Record<string, unknown>>;

const agency = { var: 'agency' };
const version = { var: 'version' };
const timestamp = { var: '$flagd.timestamp' };

const isUnnamed = (attribute: Rule): Rule => ({ '==': [attribute, null] });

/** For whom it is on, as `evaluate` has it. `own`: the agencies of the token, which stand for one that the context does not name. */
const agencyRules = ({ audience }: Evaluation, own: readonly string[]): readonly Rule[] => {
  if (audience === null && own.length === 0) return [];
  const allowed = own.length === 0 ? (audience ?? []) : own.filter((each) => audience === null || audience.includes(each));
  const isOwnOn = own.length > 0 && allowed.length === own.length;
  const named = { in: [agency, allowed] };
  return [isOwnOn ? { or: [isUnnamed(agency), named] } : named];
};

const versionRule = ({ version: approved }: Evaluation): Rule =>
  approved === null ? isUnnamed(version) : { or: [isUnnamed(version), { '===': [version, approved] }] };

const seconds = (instant: string): number => Math.floor(Date.parse(instant) / 1_000);

/** The clock of flagd stands before an end. Without a clock, `null` would stand before every end. */
const isBefore = (end: number): readonly Rule[] => [{ '>': [timestamp, 0] }, { '<': [timestamp, end] }];

/**
 * The definition of one key. It is on while the clock of flagd is before the end of the lease, which is never beyond that of the
 * approval.
 */
const definitionOf = ({ evaluation }: Flag, own: readonly string[], leaseEnd: number): string => {
  if (!mayBeOn(evaluation.variant)) return OFF;
  const { effectiveUntil } = evaluation;
  const end = effectiveUntil === null ? leaseEnd : Math.min(leaseEnd, seconds(effectiveUntil));
  const rules = [...isBefore(end), ...agencyRules(evaluation, own), versionRule(evaluation)];
  const targeting = { if: [{ and: rules }, 'on', 'off'] };
  return JSON.stringify({ state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off', targeting });
};

const OPEN = '{"$schema":"https://flagd.dev/schema/v0/flags.json","flags":{';
const PER_TURN = 1_000;

interface FlagdRequest {
  readonly caller: Caller;
  readonly ifNoneMatch: string | undefined;
}

/**
 * Answers `GET /v1/flagd.json`: every key of the register, off as a plain `false`, what may be on by rules and with a lease. The lease
 * ends on steps of half its length and is part of the ETag, so a 304 leaves more than half of it.
 */
export const flagdSource = ({ ports, leaseSeconds }: ApiDeps, { many }: KeptFlags) => {
  return async ({ caller: { agencies: own }, ifNoneMatch }: FlagdRequest): Promise<BytesAnswer> => {
    const now = ports.clock();
    const { keys, off } = await ports.register.bulk({ now, context: {} });
    // Evaluated for no agency, so what is on for some is among those that are off.
    const maybe = new Map([...off].filter(([, { variant }]) => !mayBeOn(variant)));
    const { digest, flags } = await many({ id: 'flagd', keys, off: maybe, context: {} });
    const half = leaseSeconds / 2;
    const leaseEnd = Math.floor((Math.floor(Date.parse(now) / 1_000 / half) + 2) * half);
    const etag = `"${hash('sha256', JSON.stringify([digest, own, leaseEnd]))}"`;
    if (matches(ifNoneMatch, etag)) return { status: 304, headers: { etag }, body: '' };
    const parts = await inTurns([...flags], PER_TURN, async (part) =>
      part.map(([key, flag]) => `${JSON.stringify(key)}:${definitionOf(flag, own, leaseEnd)}`),
    );
    const body = `${OPEN}${parts.flat().join(',')}}}`;
    return { status: 200, headers: { 'content-type': 'application/json', etag }, body };
  };
};

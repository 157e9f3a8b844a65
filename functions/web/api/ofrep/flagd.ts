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

/** A flag that is off in every context: a missing key would give the caller’s default. */
const OFF = '{"state":"ENABLED","variants":{"off":false},"defaultVariant":"off"}';

type Rule = Readonly<Record<string, unknown>>;

const agency = { var: 'agency' };
const version = { var: 'version' };
const timestamp = { var: '$flagd.timestamp' };

const isUnnamed = (attribute: Rule): Rule => ({ '==': [attribute, null] });

/** The condition under which `evaluate` would answer yes. `own`: the token's agencies, used if the context names none. */
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

/** flagd's clock is before `end`. The explicit check is needed because without a clock, `null` compares as before every end. */
const isBefore = (end: number): readonly Rule[] => [{ '>': [timestamp, 0] }, { '<': [timestamp, end] }];

/**
 * The definition of one key. It is on while flagd's clock is before the end of the lease, which is never after the end of the
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
 * Answers `GET /v1/flagd.json` with every key of the register: a plain `false` if off, rules with a lease if it may be on. Leases end on
 * multiples of half their length, which the ETag covers, so more than half a lease is left after a 304.
 */
export const flagdSource = ({ ports, leaseSeconds }: ApiDeps, { many }: KeptFlags) => {
  return async ({ caller: { agencies: own }, ifNoneMatch }: FlagdRequest): Promise<BytesAnswer> => {
    const now = ports.clock();
    const { keys, off } = await ports.register.bulk({ now, context: {} });
    // Evaluated for no agency, so a key that is on for some agencies is among those that are off.
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

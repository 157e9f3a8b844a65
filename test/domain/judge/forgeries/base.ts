import type { JudgeCode } from '../../../../domain/judge/verdict.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { softwareKey } from '../../../support/authenticator.ts';
import { council, mayor, policy, roster, rule, thirteenSeats } from '../../../support/fixtures/city.ts';
import { certify, day, notify, refuse, sign } from '../../feature/support.ts';
import { edited, enrolled, GATE, of, tampered } from '../forger.ts';
import { city, type Log } from '../log.ts';

/** Makes a log whose last commit is a forgery, or the honest one that it is made of. */
export type Make = () => Log;
/** Forgeries by the code with which they are refused, each under what it forges. */
export type Forgeries = Readonly<Partial<Record<JudgeCode, Readonly<Record<string, Make>>>>>;

// What a field, an actor, an event left out or a commit written twice can forge, test/domain/judge/mutants makes of every story.

/** The last commit with fields of its events of one type changed. */
export const edit =
  (make: Make, type: string, change: JsonObject): Make =>
  () =>
    edited(make(), of(type, change));

export const by =
  (make: Make, actor: string): Make =>
  () =>
    tampered(make(), { actor });

/** The last commit at another instant, on which the names of acts do not depend. */
export const later =
  (make: Make, at: string): Make =>
  () =>
    tampered(
      edited(make(), (event) => ({ ...event, at })),
      { at },
    );

/** The last commit of another log, written into this one. */
export const graft =
  (into: Make, other: Make): Make =>
  () => {
    const { last } = other();
    return into().write(last.stream, last.events, last);
  };

/** A commit that no decider made, written at an instant of its own. */
export const wrote =
  (into: Make, stream: string, event: JsonObject, actor = 'operator'): Make =>
  () =>
    into().write(stream, [event], { at: event['at'] as string, actor });

export const open = () => city().feat(notify(day(0), 1));
export const passed = () => open().feat(certify(day(10), 1));
export const approved = () => passed().feat(sign(day(11), 1));
export const vetoed = () => passed().feat(refuse(day(11), 1));
export const openUnder = (...require: Parameters<typeof rule>) => city(policy(rule(...require))).feat(notify(day(0), 1));
export const VOTED = [council(), mayor()];
export const keys = { clerk: softwareKey(GATE), mayor: softwareKey(GATE) };
export const withPasskeys = () =>
  enrolled(city({ ...thirteenSeats, passkeys: 'required' }).feat(notify(day(0), 1)), 'clerk', keys.clerk);
export const actedAs =
  (make: Make, person: string, seat: string): Make =>
  () =>
    tampered(
      edited(make(), (event) => ('holder' in event ? { ...event, holder: person, seat } : event)),
      { actor: `holder:${person}` },
    );
export const left = (log: Log, at = day(22)) => log.adoptRoster(roster({ mayor: { id: 'newcomer', name: 'Somebody new' } }), at);

import { parseDuration } from '../../../../domain/kernel/duration.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { localMoment } from '../../../../domain/kernel/zone.ts';
import type { Policy, Requirement, Rule, Threshold } from '../../../../domain/policy/schema.ts';
import { bodyOf } from '../../../../domain/policy/seats.ts';
import { needed } from '../../../../domain/policy/threshold.ts';
import { holdersOf } from '../../../../domain/roster/holders.ts';
import type { Seating } from '../../../../domain/roster/newSeats.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { empty, fillText, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName } from '../names.ts';
import { documentKinds } from './notice.ts';
import { overrideTimeText } from './secondVote.ts';
import { termText } from './termText.ts';

/** The subjects of a policy's lines, in the order in which they are read. */
type LineName = keyof Locale['words']['rules']['line'];

/** One sentence of a policy. `id` names it within the policy, and `value` is what it states, for comparison with another policy. */
export interface PolicyLine {
  readonly id: string;
  readonly name: LineName;
  readonly value: JsonValue;
  readonly text: Html;
}

/** A rule with its sentences: for what it is, who must act and how, and its clocks. */
export interface RuleLines {
  readonly rule: Rule;
  readonly when: Html;
  readonly requirements: readonly (readonly PolicyLine[])[];
  readonly clocks: readonly PolicyLine[];
}

/** Renders how many must say yes, with the number that makes today if the body has seats. */
const thresholdText = (locale: Locale, threshold: Threshold, body: string, roster: Roster | null): Html => {
  const { words, say, count, number, now, zone } = locale;
  const { yes, of, recused } = threshold;
  const text = typeof yes === 'number' ? count(words.rules, 'number', yes) : say(words.rules[yes], { of: words.rules[of] });
  const seats = roster === null ? 0 : (bodyOf(roster, body)?.seats.length ?? 0);
  const filled = roster === null ? 0 : holdersOf(roster, body, localMoment(now, zone)).size;
  const figures = { seats, filled, present: filled, recused: 0 };
  const today =
    seats === 0 || of === 'present'
      ? empty
      : html` ${say(words.rules.ofNow, { n: number(needed(threshold, figures)), of: number(of === 'seats' ? seats : filled) })}`;
  return html`${text}${today}${recused === 'excluded' ? html` ${words.rules.recusedExcluded}` : empty}`;
};

/** Returns the person who confirms a record, as a role in a sentence: a seat, or a member of a body. */
const confirmerOf = ({ words, bodySlots }: Locale, roster: Roster | null, confirmedBy: string): string => {
  const [body = '', seat] = confirmedBy.split('/');
  const known = roster === null ? undefined : bodyOf(roster, body);
  const only = known?.seats.length === 1 ? known.seats[0] : undefined;
  const slots = bodySlots(bodyName(roster, body));
  const label = known?.seatLabels?.[seat ?? only ?? ''];
  return label ?? (only === undefined ? fillText(words.rules.member, slots) : slots.body);
};

/** Renders that a second person confirms the record of a vote before it counts. `by`: a body, or a body and its seat. */
export const confirmedText = (locale: Locale, roster: Roster | null, by: string): Html =>
  locale.say(locale.words.rules.confirmed, { confirmer: confirmerOf(locale, roster, by) });

const requirementLines = (locale: Locale, rule: Rule, requirement: Requirement, roster: Roster | null): readonly PolicyLine[] => {
  const { words, say, count, bodyList, bodySlots, duration } = locale;
  const { id, body, instrument, threshold, quorum, after, deadline, override, confirmedBy } = requirement;
  const office = roster === null ? undefined : bodyOf(roster, body)?.attestedBy;
  const { body: who, ofBody, Body } = bodySlots(bodyName(roster, body));
  const { Body: Clerk } = bodySlots(office === undefined ? words.effect.none : bodyName(roster, office));
  const bodyOfRequirement = (other: string): string =>
    bodyName(roster, rule.require.find((each) => each.id === other)?.body ?? other);
  const slots = { body: html`<b>${who}</b>`, ofBody: html`<b>${ofBody}</b>`, Body: html`<b>${Body}</b>`, Clerk };
  const confirmed = (by: string): Html => confirmedText(locale, roster, by);
  const line = (name: LineName, value: JsonValue | undefined, text: () => Html): readonly PolicyLine[] =>
    value === undefined ? [] : [{ id: `${rule.id}/${id}/${name}`, name, value, text: text() }];
  return [
    ...line('who', { body, instrument }, () => say(words.rules[instrument], slots)),
    ...line('threshold', threshold, () => thresholdText(locale, threshold as Threshold, body, roster)),
    ...line('quorum', quorum, () => count(words.rules, 'quorum', quorum ?? 0)),
    ...line('after', after, () => say(words.rules.after, { bodies: bodyList((after ?? []).map(bodyOfRequirement)) })),
    ...line('deadline', deadline, () => say(words.rules.deadline, { duration: duration(deadline ?? '') })),
    ...(override === undefined
      ? []
      : line('override', override, () => {
          const slots = { ...bodySlots(bodyOfRequirement(override.requirement)), time: overrideTimeText(locale, override) };
          return html`${count(words.rules, 'override', override.yes, slots)}${override.confirmedBy === undefined ? empty : html` ${confirmed(override.confirmedBy)}`}`;
        })),
    ...line('confirmedBy', confirmedBy, () => confirmed(confirmedBy ?? '')),
  ];
};

const whenText = (locale: Locale, { when }: Rule, only: boolean): Html => {
  const { words, say, list } = locale;
  const parts = [
    ...(when.kind === undefined
      ? []
      : [say(words.rules.forKinds, { kinds: list(when.kind.map((kind) => words.rules.kinds[kind])) })]),
    ...(when.key === undefined ? [] : [say(words.rules.forKeys, { keys: list(when.key) })]),
    ...(when.impact === undefined
      ? []
      : [say(words.rules.forImpacts, { impacts: list(when.impact.map((impact) => words.impact[impact])) })]),
  ];
  if (parts.length === 0) return html`${only ? words.rules.forEverything : words.rules.forAll}`;
  return html`${parts.map((part, index) => html`${index === 0 ? empty : '. '}${part}`)}`;
};

const isNothing = (duration: string): boolean => Object.values(parseDuration(duration) ?? { days: 1 }).every((n) => n === 0);

/** Renders each rule of a policy as sentences. */
export const ruleLines = (locale: Locale, { rules }: Policy, roster: Roster | null): readonly RuleLines[] => {
  const { words, say, duration } = locale;
  return rules.map((rule) => {
    const { documents, notice, window, term } = rule;
    const line = (name: LineName, value: JsonValue | undefined, text: () => Html): readonly PolicyLine[] =>
      value === undefined ? [] : [{ id: `${rule.id}/${name}`, name, value, text: text() }];
    return {
      rule,
      when: whenText(locale, rule, rules.length === 1),
      requirements: rule.require.map((requirement) => requirementLines(locale, rule, requirement, roster)),
      clocks: [
        ...line('documents', documents, () => say(words.rules.documents, { kinds: documentKinds(locale, documents ?? []) })),
        ...line('notice', notice, () =>
          isNothing(notice ?? '')
            ? html`${words.rules.noticeNone}`
            : say(words.rules.notice, { duration: duration(notice ?? '') }),
        ),
        ...line('window', window, () => say(words.rules.window, { duration: duration(window ?? '') })),
        ...line('term', term, () => say(words.rules.term, { duration: duration(term ?? '') })),
      ],
    };
  });
};

/** The seats of a body as lines: which there are, who certifies its acts, and who sits in the new ones. */
export interface BodyLines {
  readonly body: string;
  readonly lines: readonly PolicyLine[];
}

/** Renders the bodies of a policy. `roster`: with the names of its new bodies and seats too. */
export const bodyLines = (locale: Locale, { bodies, newSeats }: Seating, roster: Roster): readonly BodyLines[] => {
  const { list } = locale;
  return Object.entries(bodies).map(([body, { seats, attestedBy }]) => {
    const labels = seats.map((seat) => bodyOf(roster, body)?.seatLabels?.[seat] ?? seat);
    const terms = newSeats?.holders.filter((term) => term.body === body) ?? [];
    const line = (name: LineName, value: JsonValue, text: Html): PolicyLine => ({
      id: `body/${body}/${name}`,
      name,
      value,
      text,
    });
    return {
      body,
      lines: [
        line('seats', [...seats].sort(), html`${list(labels)}`),
        ...(attestedBy === undefined ? [] : [line('attestedBy', attestedBy, html`${bodyName(roster, attestedBy)}`)]),
        ...(terms.length === 0
          ? []
          : [line('newHolders', terms, html`${terms.map((term) => html`${termText(locale, roster, term)}. `)}`)]),
      ],
    };
  });
};

/** Renders the act that a policy rests on: "an ordinance: 2024-17". */
export const actName = ({ words, say }: Locale, { kind, number }: NonNullable<Policy['authority']>): Html | string =>
  number === undefined ? words.rules[kind] : say(words.rules.act, { kind: words.rules[kind], number });

/** Renders the sentences that hold for all rules of a policy. */
export const policyWideLines = (locale: Locale, policy: Policy): readonly PolicyLine[] => {
  const { words, say, list } = locale;
  const { passkeys = 'off', webhooks, authority } = policy;
  const ids = policy.rules.map(({ id }) => id);
  const order: readonly PolicyLine[] =
    ids.length < 2 ? [] : [{ id: 'order', name: 'order', value: ids, text: say(words.rules.order, { rules: ids.join(', ') }) }];
  return [
    ...order,
    {
      id: 'passkeys',
      name: 'passkeys',
      value: passkeys,
      text: html`${passkeys === 'off' ? words.passkeys.rule.off : words.passkeys.policy[passkeys]}`,
    },
    ...(webhooks === undefined
      ? []
      : [
          {
            id: 'webhooks',
            name: 'webhooks' as const,
            value: webhooks,
            text: say(words.rules.webhooks, { schemes: list(webhooks) }),
          },
        ]),
    ...(authority === undefined
      ? []
      : [
          {
            id: 'authority',
            name: 'authority' as const,
            value: authority,
            text: html`${actName(locale, authority)}${[authority.url, authority.sha256].map((part) => (part === undefined ? empty : html` ${part}`))}`,
          },
        ]),
  ];
};

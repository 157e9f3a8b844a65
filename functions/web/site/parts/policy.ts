import { changeId, POLICY_KEY } from '../../../../domain/feature/keys.ts';
import { type ComparedLine, compareLines } from '../../../../domain/feature/notice.ts';
import { isOpen } from '../../../../domain/feature/state.ts';
import type { ChangeView, RevisionView } from '../../../../domain/feature/view.ts';
import type { JsonObject, JsonValue } from '../../../../domain/kernel/json.ts';
import { localMoment, parseDuration } from '../../../../domain/kernel/zone.ts';
import type { PolicyContent } from '../../../../domain/policy/decide.ts';
import { needed } from '../../../../domain/policy/rollCall.ts';
import { bodyOf } from '../../../../domain/policy/rules.ts';
import {
  GRACE,
  MEMBERS_AFTER,
  type Policy,
  type Requirement,
  type Rule,
  type Threshold,
} from '../../../../domain/policy/schema.ts';
import { rosterFollowing, type Seating } from '../../../../domain/roster/bodies.ts';
import { holdersOf } from '../../../../domain/roster/holders.ts';
import { policyEvents } from '../../../gate/aggregates.ts';
import { fillText } from '../../../platform/catalogue.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html, join, plainText } from '../html.ts';
import { bodyName, bodySlotsOf, type CityLocale, type Locale, seatLabel, seatsIn, withRoster } from '../locale.ts';
import { confirmerOf, overrideTimeText } from './approvalPath.ts';
import { warning } from './chip.ts';
import { comparisonTable, documentKinds } from './notice.ts';
import { termText } from './terms.ts';

type LineName = keyof Locale['words']['rules']['line'];

interface PolicyLine {
  readonly id: string;
  readonly name: LineName;
  readonly value: JsonValue;
  readonly text: Html;
}

export interface RuleLines {
  readonly rule: Rule;
  readonly when: Html;
  readonly requirements: readonly (readonly PolicyLine[])[];
  readonly clocks: readonly PolicyLine[];
}

const linesOfPart =
  (part: string) =>
  <T extends JsonValue>(name: LineName, value: T | undefined, text: (value: T) => Html): readonly PolicyLine[] =>
    value === undefined ? [] : [{ id: `${part}${name}`, name, value, text: text(value) }];

const thresholdText = (locale: CityLocale, threshold: Threshold, body: string): Html => {
  const { words, say, count, number, now, zone, roster } = locale;
  const { yes, of, recused } = threshold;
  const text = typeof yes === 'number' ? count(words.rules, 'number', yes) : say(words.rules[yes], { of: words.rules[of] });
  const seats = seatsIn(roster, body).length;
  const filled = holdersOf(roster, body, localMoment(now, zone)).size;
  const figures = { seats, filled, present: filled, recused: 0 };
  const today =
    seats === 0 || of === 'present'
      ? empty
      : html` ${say(words.rules.ofNow, { n: number(needed(threshold, figures)), of: number(of === 'seats' ? seats : filled) })}`;
  return html`${text}${today}${recused === 'excluded' && html` ${words.rules.recusedExcluded}`}`;
};

/** Renders quorum and recusal; members can be recused only at a meeting. */
export const quorumText = ({ words: { rules }, count }: Locale, { instrument, threshold, quorum = 0 }: Requirement): Html => {
  const recused = threshold?.recused === 'excluded' ? rules.recusedExcluded : rules.recusedCount;
  return html`${count(rules, 'quorum', quorum)}${instrument === 'certification' && html` ${recused}`}`;
};

/** Renders who confirms a certificate. `by`: a body, or `body/seat`. */
export const confirmedText = (locale: CityLocale, by: string): Html =>
  locale.say(locale.words.rules.confirmed, { confirmer: confirmerOf(locale, by) });

const requirementLines = (locale: CityLocale, rule: Rule, requirement: Requirement): readonly PolicyLine[] => {
  const { words, say, count, bodyList, bodySlots, duration, roster } = locale;
  const { id, body, instrument, threshold, quorum, after, deadline, override, confirmedBy } = requirement;
  const office = bodyOf(roster, body)?.attestedBy;
  const { body: who, ofBody, Body } = bodySlotsOf(locale, body);
  const { Body: Clerk } = bodySlots(office === undefined ? words.effect.none : bodyName(locale, office));
  const bodyOfRequirement = (other: string): string =>
    bodyName(locale, rule.require.find((each) => each.id === other)?.body ?? other);
  const slots = { body: html`<b>${who}</b>`, ofBody: html`<b>${ofBody}</b>`, Body: html`<b>${Body}</b>`, Clerk };
  const confirmed = (by: string): Html => confirmedText(locale, by);
  const line = linesOfPart(`${rule.id}/${id}/`);
  return [
    ...line('who', { body, instrument }, () => say(words.rules[instrument], slots)),
    ...line('threshold', threshold, (given) => thresholdText(locale, given, body)),
    ...line('quorum', quorum === undefined ? quorum : [quorum, threshold?.recused ?? null], () =>
      quorumText(locale, requirement),
    ),
    ...line('after', after, (earlier) => say(words.rules.after, { bodies: bodyList(earlier.map(bodyOfRequirement)) })),
    ...line('deadline', deadline, (time) => say(words.rules.deadline, { duration: duration(time) })),
    ...line('override', override, (given) => {
      const slots = { ...bodySlots(bodyOfRequirement(given.requirement)), time: overrideTimeText(locale, given) };
      const again = given.confirmedBy !== undefined && html` ${confirmed(given.confirmedBy)}`;
      return html`${count(words.rules, 'override', given.yes, slots)}${again}`;
    }),
    ...line('confirmedBy', confirmedBy, confirmed),
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
  return join(parts, '. ');
};

const isNothing = (duration: string): boolean => Object.values(parseDuration(duration) ?? { days: 1 }).every((n) => n === 0);

export const ruleLines = (locale: CityLocale, { rules }: Policy): readonly RuleLines[] => {
  const { words, say, duration } = locale;
  return rules.map((rule) => {
    const { documents, notice, window, term } = rule;
    const line = linesOfPart(`${rule.id}/`);
    return {
      rule,
      when: whenText(locale, rule, rules.length === 1),
      requirements: rule.require.map((requirement) => requirementLines(locale, rule, requirement)),
      clocks: [
        ...line('documents', documents, (kinds) => say(words.rules.documents, { kinds: documentKinds(locale, kinds) })),
        ...line('notice', notice, (time) =>
          isNothing(time) ? html`${words.rules.noticeNone}` : say(words.rules.notice, { duration: duration(time) }),
        ),
        ...line('window', window, (time) => say(words.rules.window, { duration: duration(time) })),
        ...line('term', term, (time) => say(words.rules.term, { duration: duration(time) })),
      ],
    };
  });
};

const bodyLines = (locale: CityLocale, { bodies, newSeats }: Seating) => {
  const { list } = locale;
  return Object.entries(bodies).map(([body, { seats, attestedBy }]) => {
    const labels = seats.map((seat) => seatLabel(locale, body, seat) ?? seat);
    const terms = newSeats?.holders.filter((term) => term.body === body) ?? [];
    const line = linesOfPart(`body/${body}/`);
    return {
      body,
      lines: [
        ...line('seats', [...seats].sort(), () => html`${list(labels)}`),
        ...line('attestedBy', attestedBy, (office) => html`${bodyName(locale, office)}`),
        ...line(
          'newHolders',
          terms.length === 0 ? undefined : terms,
          () => html`${terms.map((term) => html`${termText(locale, term)}. `)}`,
        ),
      ],
    };
  });
};

export const actName = ({ words }: Locale, { kind, number }: NonNullable<Policy['authority']>): string =>
  number === undefined ? words.rules[kind] : `${words.rules[kind]}: ${number}`;

/** Renders who observes what is on; empty if the policy names no source. */
export const observeLines = ({ words, say, duration }: Locale, { observe }: Policy): readonly PolicyLine[] => {
  if (observe === undefined) return [];
  const { sources, membersAfter = MEMBERS_AFTER, grace = GRACE } = observe;
  const w = words.rules.observe;
  const looks = Object.entries(sources).map(([source, { kind, every }]) => ({
    id: `observe/${source}`,
    name: 'observe' as const,
    value: { kind, every },
    text: say(w[kind], { source, duration: duration(every) }),
  }));
  const members = isNothing(membersAfter) ? html`${w.membersAtOnce}` : say(w.members, { duration: duration(membersAfter) });
  const waits = isNothing(grace) ? html`${w.graceNone}` : say(w.grace, { duration: duration(grace) });
  return [
    ...looks,
    { id: 'membersAfter', name: 'membersAfter', value: membersAfter, text: members },
    { id: 'grace', name: 'grace', value: grace, text: waits },
  ];
};

const policyWideLines = (locale: Locale, policy: Policy): readonly PolicyLine[] => {
  const { words, say, list } = locale;
  const { passkeys = 'off', webhooks, authority } = policy;
  const ids = policy.rules.map(({ id }) => id);
  const line = linesOfPart('');
  return [
    ...line('order', ids.length < 2 ? undefined : ids, (rules) => say(words.rules.order, { rules: rules.join(', ') })),
    ...line('passkeys', passkeys, (rule) => html`${words.passkeys.rule[rule]}`),
    ...line('webhooks', webhooks, (schemes) => say(words.rules.webhooks, { schemes: list(schemes) })),
    ...observeLines(locale, policy),
    ...line('authority', authority, (act) => {
      const where = [act.url, act.sha256].map((part) => part !== undefined && html` ${part}`);
      return html`${actName(locale, act)}${where}`;
    }),
  ];
};

/**
 * A change of the city's own rules. `before`: the policy that it replaces or would replace; null for the first. `outlives`: its rules are in
 * force although its approval has ended, such as after a correction of the vote.
 */
interface PolicyChange {
  readonly before: PolicyContent | null;
  readonly after: PolicyContent | undefined;
  readonly isAdopted: boolean;
  readonly outlives: boolean;
}

const withoutNew = ({ policy, bodies }: PolicyContent): PolicyContent => ({ policy, bodies });

/** Returns a policy change with the policy in force before its adoption, at its end, or now. Undefined for any other change. */
export const policyChangeOf = async (
  deps: Pick<SiteDeps, 'ports'>,
  view: ChangeView,
  { notice }: Pick<RevisionView, 'notice'>,
): Promise<PolicyChange | undefined> => {
  if (view.key !== POLICY_KEY) return undefined;
  const events = await policyEvents(deps.ports);
  const sha256 = notice.documents.find(({ kind }) => kind === 'policy')?.sha256;
  const after = events.find((event) => event.sha256 === `sha256:${sha256 ?? ''}`);
  const adopted = events.filter((event) => event.type === 'PolicyAdopted');
  const own = adopted.find(({ by }) => 'change' in by && by.change === changeId(view.key, view.number));
  const known = isOpen(view) ? adopted : adopted.filter(({ at }) => view.ended === null || at <= view.ended.at);
  const before = own === undefined ? known.at(-1) : adopted.find(({ number }) => number === own.number - 1);
  const outlives = own !== undefined && own === adopted.at(-1) && view.ended !== null;
  return { before: before === undefined ? null : withoutNew(before), after, isAdopted: own !== undefined, outlives };
};

interface ComparedRule {
  readonly id: string;
  readonly when: Html;
}

interface LabelledLine extends PolicyLine {
  readonly label: string;
  readonly rule: ComparedRule | undefined;
}

type Compared = ComparedLine<LabelledLine>;

const newest = ({ before, after }: Compared): LabelledLine => {
  const line = after ?? before;
  if (line === undefined) throw new Error('broken invariant: a row has a line');
  return line;
};

const linesOf = (inForce: CityLocale, content: PolicyContent): readonly LabelledLine[] => {
  const { words, language, roster } = inForce;
  const { policy } = content;
  const locale = withRoster(inForce, rosterFollowing({ roster, contacts: {} }, content).roster, inForce.rosters);
  const several = policy.rules.length > 1;
  const rules = ruleLines(locale, policy).flatMap(({ rule, when, requirements, clocks }) => {
    const own = several ? { id: rule.id, when } : undefined;
    const scope: PolicyLine = { id: `${rule.id}/when`, name: 'when', value: rule.when, text: when };
    return [scope, ...requirements.flat(), ...clocks].map((line) => {
      const requirement = rule.require.find(({ id }) => line.id.startsWith(`${rule.id}/${id}/`));
      const body = requirement === undefined ? undefined : bodyName(locale, requirement.body);
      const label = words.rules.line[line.name];
      return { ...line, rule: own, label: body === undefined ? label : `${body}: ${label.toLocaleLowerCase(language)}` };
    });
  });
  const wide = policyWideLines(locale, policy).map((line) => ({ ...line, rule: undefined, label: words.rules.line[line.name] }));
  const bodies = bodyLines(locale, content).flatMap(({ body, lines }) =>
    lines.map((line) => {
      const label = `${bodyName(locale, body)}: ${words.rules.line[line.name].toLocaleLowerCase(language)}`;
      return { ...line, rule: undefined, label };
    }),
  );
  return [...rules, ...wide, ...bodies];
};

const byRule = (rows: readonly Compared[]): readonly (readonly Compared[])[] => [
  ...Map.groupBy(rows, (row) => newest(row).rule?.id).values(),
];

const compare = (locale: CityLocale, change: PolicyChange) => {
  const before = change.before === null ? [] : linesOf(locale, change.before);
  const after = change.after === undefined ? [] : linesOf(locale, change.after);
  return compareLines(before, after);
};

const groupName = ({ words }: Locale, [first]: readonly Compared[], rows: readonly Compared[]): Html | undefined => {
  if (rows.every((row) => newest(row).rule === undefined)) return undefined;
  return (first && newest(first).rule?.when) ?? html`${words.rules.forEverything}`;
};

const table = (locale: Locale, rows: readonly Compared[]): Html => {
  const { caption, none } = locale.words.policyChange;
  const groups = byRule(rows).map((group) => ({
    name: groupName(locale, group, rows),
    rows: group.map((row) => ({ label: newest(row).label, before: row.before?.text, after: row.after?.text })),
  }));
  return comparisonTable(locale, caption, none, groups);
};

const unchanged = (locale: Locale, rows: readonly Compared[]): Html =>
  html`${byRule(rows).map((group) => {
    const name = groupName(locale, group, rows);
    const items = group.map((row) => html`<li><b>${newest(row).label}:</b> ${newest(row).text}</li>`);
    return html`${name !== undefined && html`<p><b>${name}</b></p>`}<ul>${items}</ul>`;
  })}`;

export const outlivesNote = ({ words }: Locale): Html => warning(words.policyChange.outlives);

export const policyLead = (locale: Locale, { after, isAdopted, outlives }: PolicyChange): Html => {
  const { words, say } = locale;
  if (after === undefined) return html`<p class="note">${words.policyChange.lost}</p>`;
  const text = isAdopted ? words.policyChange.leadAdopted : words.policyChange.lead;
  const lead = html`<p class="lead">${say(text, { name: after.policy.name, version: after.policy.version })}</p>`;
  return html`${lead}${outlives && outlivesNote(locale)}`;
};

export const policyComparison = (locale: CityLocale, change: PolicyChange): Html => {
  const { words, count } = locale;
  const { policyChange } = words;
  if (change.after === undefined) return empty;
  const { changed, same } = compare(locale, change);
  return html`
<h2>${policyChange.heading}</h2>
${change.before === null && html`<p>${policyChange.first}</p>`}
${changed.length === 0 ? html`<p>${policyChange.nothing}</p>` : table(locale, changed)}
${same.length > 0 && html`<details><summary>${count(policyChange, 'stays', same.length)}</summary>${unchanged(locale, same)}</details>`}`;
};

const named = (content: PolicyContent | null | undefined): JsonObject | null =>
  content == null ? null : { name: content.policy.name, version: content.policy.version };

/** Wire format. Returns the comparison as data: the page's lines as plain text; null if a policy has no such line. */
export const policyComparisonJson = (locale: CityLocale, change: PolicyChange): JsonObject => {
  const { changed, same } = compare(locale, change);
  const name = (row: Compared): string => {
    const { rule, label } = newest(row);
    return rule === undefined ? label : `${fillText(locale.words.policyChange.ruleOf, { rule: rule.id })}: ${label}`;
  };
  const text = (line: PolicyLine | undefined): string | null => (line === undefined ? null : plainText(line.text));
  return {
    before: named(change.before),
    after: named(change.after),
    changed: changed.map((line) => ({ line: name(line), before: text(line.before), after: text(line.after) })),
    same: same.map((line) => ({ line: name(line), text: text(line.after) })),
  };
};

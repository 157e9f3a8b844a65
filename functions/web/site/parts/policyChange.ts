import { isDeepStrictEqual } from 'node:util';
import { changeId, POLICY_KEY } from '../../../../domain/feature/keys.ts';
import { isOpen } from '../../../../domain/feature/state.ts';
import type { ChangeView, RevisionView } from '../../../../domain/feature/view.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import type { PolicyContent } from '../../../../domain/policy/content.ts';
import type { PolicyEvent } from '../../../../domain/policy/events.ts';
import { POLICY_STREAM } from '../../../../domain/policy/state.ts';
import { rosterFollowing } from '../../../../domain/roster/newSeats.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { policyAggregate } from '../../../gate/aggregates.ts';
import { commitsAbove } from '../../../platform/feed/commitsAbove.ts';
import { eventsOf } from '../../../platform/store/load.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, fillText, type Html, html, plainText } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName } from '../names.ts';
import { bodyLines, type PolicyLine, policyWideLines, ruleLines } from './policyText.ts';

/** A change of the city's own rules. `before`: the policy that it replaces, or would replace; null for the first. */
export interface PolicyChange {
  readonly before: PolicyContent | null;
  /** Undefined if no policy with the digest that the revision names was ever proposed. */
  readonly after: PolicyContent | undefined;
  readonly isAdopted: boolean;
}

const policyEvents = async ({ ports: { store } }: Pick<SiteDeps, 'ports'>): Promise<readonly PolicyEvent[]> => {
  const events: PolicyEvent[] = [];
  for await (const record of commitsAbove(store, POLICY_STREAM, 0)) events.push(...eventsOf(policyAggregate, record));
  return events;
};

/** Returns a policy as it was before another one: its seats are not new any more. */
const withoutNew = ({ policy, bodies }: PolicyContent): PolicyContent => ({ policy, bodies });

/**
 * Reads what a revision changes in the rules: compared with the policy in force before its adoption, at its end, or now. Undefined
 * unless it is a change of the policy.
 */
export const policyChangeOf = async (
  deps: Pick<SiteDeps, 'ports'>,
  view: ChangeView,
  { notice }: Pick<RevisionView, 'notice'>,
): Promise<PolicyChange | undefined> => {
  if (view.key !== POLICY_KEY) return undefined;
  const events = await policyEvents(deps);
  const sha256 = notice.documents.find(({ kind }) => kind === 'policy')?.sha256;
  const after = events.find((event) => event.sha256 === `sha256:${sha256 ?? ''}`);
  const adopted = events.filter((event) => event.type === 'PolicyAdopted');
  const own = adopted.find(({ by }) => 'change' in by && by.change === changeId(view.key, view.number));
  const known = isOpen(view) ? adopted : adopted.filter(({ at }) => view.ended === null || at <= view.ended.at);
  const before = own === undefined ? known.at(-1) : adopted.find(({ number }) => number === own.number - 1);
  return { before: before === undefined ? null : withoutNew(before), after, isAdopted: own !== undefined };
};

/** A rule's part in the comparison. `when`: which changes it is for. */
interface ComparedRule {
  readonly id: string;
  readonly when: Html;
}

/** A line of a policy with its label. `rule`: absent where the line holds for all rules, or there is only one. */
interface LabelledLine extends PolicyLine {
  readonly label: string;
  readonly rule: ComparedRule | undefined;
}

/** One line of the comparison; undefined where one of the policies has no such line. */
interface ComparedLine extends Pick<LabelledLine, 'label' | 'rule'> {
  readonly before: PolicyLine | undefined;
  readonly after: PolicyLine | undefined;
}

const linesOf = (locale: Locale, content: PolicyContent, inForce: Roster | null): readonly LabelledLine[] => {
  const { words, language } = locale;
  const { policy } = content;
  const { roster } = rosterFollowing({ roster: inForce ?? { bodies: {}, holders: [] }, contacts: {} }, content);
  const several = policy.rules.length > 1;
  const rules = ruleLines(locale, policy, roster).flatMap(({ rule, when, requirements, clocks }) => {
    const own = several ? { id: rule.id, when } : undefined;
    const scope: PolicyLine = { id: `${rule.id}/when`, name: 'when', value: rule.when, text: when };
    return [scope, ...requirements.flat(), ...clocks].map((line) => {
      const requirement = rule.require.find(({ id }) => line.id.startsWith(`${rule.id}/${id}/`));
      const body = requirement === undefined ? undefined : roster.bodies[requirement.body]?.name;
      const label = words.rules.line[line.name];
      return { ...line, rule: own, label: body === undefined ? label : `${body}: ${label.toLocaleLowerCase(language)}` };
    });
  });
  const wide = policyWideLines(locale, policy).map((line) => ({ ...line, rule: undefined, label: words.rules.line[line.name] }));
  const bodies = bodyLines(locale, content, roster).flatMap(({ body, lines }) =>
    lines.map((line) => {
      const label = `${bodyName(roster, body)}: ${words.rules.line[line.name].toLocaleLowerCase(language)}`;
      return { ...line, rule: undefined, label };
    }),
  );
  return [...rules, ...wide, ...bodies];
};

const labelOf = ({ label, rule }: LabelledLine): Pick<LabelledLine, 'label' | 'rule'> => ({ label, rule });

/** Groups lines by their rules, in the order in which the rules first appear. */
const byRule = (rows: readonly ComparedLine[]): readonly (readonly ComparedLine[])[] => [
  ...Map.groupBy(rows, ({ rule }) => rule?.id).values(),
];

/** Pairs the lines of two policies by their ids: those of the new policy in its order, then those that only the old one has. */
const compare = (locale: Locale, change: PolicyChange, roster: Roster | null) => {
  const before = change.before === null ? [] : linesOf(locale, change.before, roster);
  const after = change.after === undefined ? [] : linesOf(locale, change.after, roster);
  const rows: readonly ComparedLine[] = [
    ...after.map((line) => ({ ...labelOf(line), before: before.find(({ id }) => id === line.id), after: line })),
    ...before
      .filter(({ id }) => after.every((line) => line.id !== id))
      .map((line) => ({ ...labelOf(line), before: line, after: undefined })),
  ];
  const isSame = (row: ComparedLine): boolean => isDeepStrictEqual(row.before?.value, row.after?.value);
  return { changed: rows.filter((row) => !isSame(row)), same: rows.filter(isSame) };
};

/** Returns the heading of a group of lines; undefined for a policy of one rule. */
const groupName = ({ words }: Locale, [first]: readonly ComparedLine[], rows: readonly ComparedLine[]): Html | undefined => {
  if (rows.every(({ rule }) => rule === undefined)) return undefined;
  return first?.rule?.when ?? html`${words.rules.forEverything}`;
};

const table = (locale: Locale, rows: readonly ComparedLine[]): Html => {
  const { policyChange } = locale.words;
  const cell = (name: string, line: PolicyLine | undefined): Html =>
    html`<td><small class="cell">${name}</small>${line?.text ?? html`<i>${policyChange.none}</i>`}</td>`;
  return html`
<table class="compared"><caption>${policyChange.caption}</caption><thead><tr><th scope="col">${policyChange.what}</th><th scope="col">${policyChange.before}</th><th scope="col">${policyChange.after}</th></tr></thead>
${byRule(rows).map((group) => {
  const name = groupName(locale, group, rows);
  return html`<tbody>${name === undefined ? empty : html`<tr class="group"><th scope="rowgroup" colspan="3">${name}</th></tr>`}${group.map(
    ({ label, before, after }) =>
      html`<tr><th scope="row">${label}</th>${cell(policyChange.before, before)}${cell(policyChange.after, after)}</tr>`,
  )}</tbody>`;
})}</table>`;
};

const unchanged = (locale: Locale, rows: readonly ComparedLine[]): Html =>
  html`${byRule(rows).map((group) => {
    const name = groupName(locale, group, rows);
    const items = group.map(({ label, after }) => html`<li><b>${label}:</b> ${after?.text ?? empty}</li>`);
    return html`${name === undefined ? empty : html`<p><b>${name}</b></p>`}<ul>${items}</ul>`;
  })}`;

/** Renders who puts the rules forward, in place of a vendor's words. */
export const policyLead = ({ words, say }: Locale, { after, isAdopted }: PolicyChange): Html => {
  if (after === undefined) return html`<p class="note">${words.policyChange.lost}</p>`;
  const text = isAdopted ? words.policyChange.leadAdopted : words.policyChange.lead;
  return html`<p class="lead">${say(text, { name: after.policy.name, version: after.policy.version })}</p>`;
};

/** Renders what changes in the rules, line by line with the numbers before and after, and what stays. */
export const policyComparison = (locale: Locale, change: PolicyChange, roster: Roster | null): Html => {
  const { words, count } = locale;
  const { policyChange } = words;
  if (change.after === undefined) return empty;
  const { changed, same } = compare(locale, change, roster);
  return html`
<h2>${change.isAdopted ? policyChange.headingAdopted : policyChange.heading}</h2>${change.before === null ? html`<p>${policyChange.first}</p>` : empty}
${changed.length === 0 ? html`<p>${policyChange.nothing}</p>` : table(locale, changed)}
${same.length === 0 ? empty : html`<details><summary>${count(policyChange, 'stays', same.length)}</summary>${unchanged(locale, same)}</details>`}`;
};

const named = (content: PolicyContent | null | undefined): JsonObject | null =>
  content == null ? null : { name: content.policy.name, version: content.policy.version };

/** Wire format. The comparison as data: the same lines as on the page, as plain text; null where a policy has no such line. */
export const policyComparisonJson = (locale: Locale, change: PolicyChange, roster: Roster | null): JsonObject => {
  const { changed, same } = compare(locale, change, roster);
  const name = ({ rule, label }: ComparedLine): string =>
    rule === undefined ? label : `${fillText(locale.words.policyChange.ruleOf, { rule: rule.id })}: ${label}`;
  const text = (line: PolicyLine | undefined): string | null => (line === undefined ? null : plainText(line.text));
  return {
    before: named(change.before),
    after: named(change.after),
    changed: changed.map((line) => ({ line: name(line), before: text(line.before), after: text(line.after) })),
    same: same.map((line) => ({ line: name(line), text: text(line.after) })),
  };
};

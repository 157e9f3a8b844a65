import { isDeepStrictEqual } from 'node:util';
import { POLICY_KEY } from '../../../../domain/feature/keys.ts';
import type { RevisionView } from '../../../../domain/feature/view.ts';
import type { Policy } from '../../../../domain/policy/schema.ts';
import { POLICY_STREAM } from '../../../../domain/policy/state.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { policyAggregate } from '../../../gate/aggregates.ts';
import { load } from '../../../platform/store/load.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { type PolicyLine, policyWideLines, ruleLines } from './policyText.ts';

/** A change of the city's own rules: the policy in force, and the one that a revision puts forward. */
export interface PolicyChange {
  readonly inForce: Policy | null;
  /** Undefined if the proposal is no longer kept: only the newest are. */
  readonly proposed: Policy | undefined;
}

/** Reads what a revision would change in the rules; undefined unless it is a change of the policy. */
export const policyChangeOf = async (
  { ports }: Pick<SiteDeps, 'ports'>,
  key: string,
  { notice }: Pick<RevisionView, 'notice'>,
): Promise<PolicyChange | undefined> => {
  if (key !== POLICY_KEY) return undefined;
  const { state } = await load(ports.store, policyAggregate, POLICY_STREAM);
  const sha256 = notice.documents.find(({ kind }) => kind === 'policy')?.sha256;
  const digest = `sha256:${sha256 ?? ''}`;
  const proposed =
    state.proposals.find((proposal) => proposal.sha256 === digest)?.policy ??
    (state.inForce?.sha256 === digest ? state.inForce.policy : undefined);
  return { inForce: state.inForce?.policy ?? null, proposed };
};

/** One line of the comparison: what stands today and what would stand then; undefined where one of them has no such line. */
interface ComparedLine {
  readonly label: string;
  readonly before: PolicyLine | undefined;
  readonly after: PolicyLine | undefined;
}

const linesOf = (locale: Locale, policy: Policy, roster: Roster | null): readonly (PolicyLine & { readonly label: string })[] => {
  const { words, language } = locale;
  const several = policy.rules.length > 1;
  const rules = ruleLines(locale, policy, roster).flatMap(({ rule, when, requirements, clocks }) => {
    const named = several ? `${words.policyChange.ruleOf.replace('{rule}', rule.id)}: ` : '';
    const scope: PolicyLine = { id: `${rule.id}/when`, name: 'when', value: rule.when, text: when };
    return [scope, ...requirements.flat(), ...clocks].map((line) => {
      const requirement = rule.require.find(({ id }) => line.id.startsWith(`${rule.id}/${id}/`));
      const body = requirement === undefined ? undefined : roster?.bodies[requirement.body]?.name;
      const label = words.rules.line[line.name].toLocaleLowerCase(language);
      const start = named === '' && body === undefined ? words.rules.line[line.name] : label;
      return { ...line, label: body === undefined ? `${named}${start}` : `${named}${body}: ${label}` };
    });
  });
  return [...rules, ...policyWideLines(locale, policy).map((line) => ({ ...line, label: words.rules.line[line.name] }))];
};

/** Pairs the lines of two policies by their ids: those of the new policy in its order, then those that only the old one has. */
const compare = (locale: Locale, { inForce, proposed }: PolicyChange, roster: Roster | null): readonly ComparedLine[] => {
  const before = inForce === null ? [] : linesOf(locale, inForce, roster);
  const after = proposed === undefined ? [] : linesOf(locale, proposed, roster);
  const rows = after.map((line) => ({ label: line.label, before: before.find(({ id }) => id === line.id), after: line }));
  const gone = before.filter(({ id }) => after.every((line) => line.id !== id));
  return [...rows, ...gone.map((line) => ({ label: line.label, before: line, after: undefined }))];
};

const table = ({ words }: Locale, rows: readonly ComparedLine[]): Html => {
  const { policyChange } = words;
  const cell = (name: string, line: PolicyLine | undefined): Html =>
    html`<td><small class="cell">${name}</small>${line?.text ?? html`<i>${policyChange.none}</i>`}</td>`;
  return html`
<table class="compared"><caption>${policyChange.caption}</caption><thead><tr><th scope="col">${policyChange.what}</th><th scope="col">${policyChange.today}</th><th scope="col">${policyChange.proposed}</th></tr></thead>
<tbody>${rows.map(
    ({ label, before, after }) =>
      html`<tr><th scope="row">${label}</th>${cell(policyChange.today, before)}${cell(policyChange.proposed, after)}</tr>`,
  )}</tbody></table>`;
};

/** Renders who puts the rules forward, in place of a vendor's words. */
export const policyLead = ({ words, say }: Locale, { proposed }: PolicyChange): Html =>
  proposed === undefined
    ? html`<p class="note">${words.policyChange.lost}</p>`
    : html`<p class="lead">${say(words.policyChange.lead, { name: proposed.name, version: proposed.version })}</p>`;

/** Renders what would change in the rules, line by line with the numbers before and after, and what stays. */
export const policyComparison = (locale: Locale, change: PolicyChange, roster: Roster | null): Html => {
  const { words, count } = locale;
  const { policyChange } = words;
  if (change.proposed === undefined) return empty;
  const rows = compare(locale, change, roster);
  const isSame = ({ before, after }: ComparedLine): boolean => isDeepStrictEqual(before?.value, after?.value);
  const changed = rows.filter((row) => !isSame(row));
  const same = rows.filter(isSame);
  const stays = html`<ul>${same.map(({ label, after }) => html`<li><b>${label}:</b> ${after?.text ?? empty}</li>`)}</ul>`;
  return html`
<h2>${policyChange.heading}</h2>${change.inForce === null ? html`<p>${policyChange.first}</p>` : empty}
${changed.length === 0 ? html`<p>${policyChange.nothing}</p>` : table(locale, changed)}
${same.length === 0 ? empty : html`<details><summary>${count(policyChange.stays, same.length)}</summary>${stays}</details>`}`;
};

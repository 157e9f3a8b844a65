import type { Context } from 'hono';
import { changeNamed, POLICY_KEY } from '../../../../domain/feature/keys.ts';
import { presentChange } from '../../../../domain/feature/present.ts';
import { LocalDate } from '../../../../domain/kernel/zodTypes.ts';
import { lastMomentOf, localMoment } from '../../../../domain/kernel/zone.ts';
import type { PolicyState } from '../../../../domain/policy/decide.ts';
import type { PolicyEvent } from '../../../../domain/policy/events.ts';
import { alarmsOf } from '../../../../domain/policy/explain.ts';
import type { Policy } from '../../../../domain/policy/schema.ts';
import { holderOfSeat } from '../../../../domain/roster/holders.ts';
import { policyEvents, readPolicies, readRosters } from '../../../gate/aggregates.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { type WaitingPolicy, waitingPolicy } from '../../../reactions/adoption/policies.ts';
import { readChange } from '../../../register/project.ts';
import { latestOf } from '../../../register/views/changeJson.ts';
import { type RosterProposal, rosterProposalOf } from '../../../register/views/rosterProposal.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html, join, tableHead } from '../html.ts';
import {
  bodyName,
  bodySlotsOf,
  type CityLocale,
  changeLink,
  hashText,
  holderName,
  type Locale,
  seatLabel,
  withRoster,
} from '../locale.ts';
import { localeFor, render } from '../page.ts';
import { warning } from '../parts/chip.ts';
import { actName, observeLines, outlivesNote, policyChangeOf, type RuleLines, ruleLines } from '../parts/policy.ts';
import { spanText } from '../parts/terms.ts';
import { csv, findField, findForm, queryOf } from '../query.ts';

type Adopted = Extract<PolicyEvent, { type: 'PolicyAdopted' }>;

const ruleText = (locale: CityLocale, { rule, when, requirements, clocks }: RuleLines): Html => {
  const { words, now, zone, roster, say } = locale;
  const alarms = alarmsOf(rule, roster, localMoment(now, zone)).map(({ requirement, code }) => {
    const body = rule.require.find(({ id }) => id === requirement)?.body ?? requirement;
    return say(words.alarm[code], { ...bodySlotsOf(locale, body), name: bodyName(locale, body) });
  });
  return html`
<section class="card"><h3>${when}</h3>
<ol>${requirements.map(
    (lines) =>
      html`<li>${join(
        lines.map(({ text }) => text),
        ' ',
      )}</li>`,
  )}</ol>
${clocks.length > 0 && html`<ul>${clocks.map(({ text }) => html`<li>${text}</li>`)}</ul>`}
${alarms.map((alarm) => warning(html`<b>${words.rules.alarm}:</b> ${alarm}`))}</section>`;
};

const authority = (locale: Locale, policy: Policy): Html => {
  const { words, say } = locale;
  const act = policy.authority;
  if (act === undefined) return empty;
  const name = actName(locale, act);
  const linked = act.url === undefined ? name : html`<a href="${act.url}" rel="noopener noreferrer external">${name}</a>`;
  const digest = act.sha256 !== undefined && html` <small>${hashText(act.sha256)}</small>`;
  return html`<p>${say(words.rules.authority, { act: linked })}${digest}</p>`;
};

/** Renders the officials of a day. `day`: the requested one, else today. */
const officials = (locale: CityLocale, day: string | undefined): Html => {
  const { words, now, zone, roster } = locale;
  const when = day === undefined ? localMoment(now, zone) : lastMomentOf(day, zone);
  const row = (body: string, seat: string, alone: boolean): Html => {
    const holder = holderOfSeat(roster, body, seat, when);
    const who =
      holder === undefined
        ? words.decide.certify.vacant
        : html`${holder.name} <small>${holder.acting === true && `${words.rules.isActing}, `}${spanText(locale, holder)}</small>`;
    return html`<tr><th scope="row">${seatLabel(locale, body, seat) ?? (alone ? bodyName(locale, body) : seat)}</th><td>${who}</td></tr>`;
  };
  const on = html`<input type="date" id="on" name="on" value="${when.date}" required>`;
  return html`${findForm(locale, {
    action: '/rules#officials',
    submit: words.rules.go,
    fields: findField('on', words.rules.onDay, on),
  })}${Object.entries(roster.bodies).map(
    ([id, { seats }]) => html`
<details${day !== undefined && html` open`}><summary>${bodyName(locale, id)}</summary><table class="impact">${tableHead(words.decide.certify.seat, words.rules.holder)}
<tbody>${seats.map((seat) => row(id, seat, seats.length === 1))}</tbody></table></details>`,
  )}`;
};

const proposal = (locale: CityLocale, waits: RosterProposal | null, needsTwo: boolean): Html => {
  const { words, say, dateTime } = locale;
  if (waits === null) return empty;
  const { number, passkeysOf, proposedAt, lapsesAt, confirmations, refusals } = waits;
  const { roster: texts } = words.decide;
  const when = dateTime(proposedAt);
  const what =
    passkeysOf === null
      ? say(number === null ? texts.restoredWaits : texts.rosterWaits, { when })
      : say(texts.resetWaits, { when, who: holderName(locale, passkeysOf) });
  const needs = say(needsTwo ? texts.needsTwo : texts.needsOne, { when: dateTime(lapsesAt) });
  const acts = (all: RosterProposal['confirmations'], text: string): readonly Html[] =>
    all.map(({ holder, body }) => html` ${say(text, { who: holderName(locale, holder), body: bodyName(locale, body) })}`);
  return warning(html`${what} ${needs}${acts(confirmations, texts.confirmedBy)}${acts(refusals, texts.refusal)}`);
};

const versions = (locale: Locale, adopted: readonly Adopted[], state: PolicyState, waiting: WaitingPolicy | undefined): Html => {
  const { words, say, dateTime } = locale;
  const items = adopted.toReversed().map(({ number, at, sha256, policy, by }) => {
    const change = 'change' in by ? html` ${changeLink(locale, by.change)}` : empty;
    return html`
<li><details><summary>${number}. ${policy.name}</summary>
<p id="rules-${number}">${say(words.rules.inForce, { version: policy.version, when: dateTime(at) })}${change}<br><small><code>${sha256}</code></small></p>
<pre class="screen"><code>${JSON.stringify(policy, null, 2)}</code></pre></details></li>`;
  });
  const proposals = state.proposals.map(({ sha256, at, policy }) => {
    const change = waiting?.sha256 === sha256 ? html` ${changeLink(locale, waiting.change)}` : empty;
    return html`
<li><b>${words.rules.proposed}:</b> ${policy.name} (${policy.version}), ${dateTime(at)}${change}<br>
<small><code>${sha256}</code></small></li>`;
  });
  return html`<h2>${words.rules.versions}</h2><ul class="plain">${proposals}${items}</ul>`;
};

const passkeyText = ({ words }: Locale, { passkeys = 'off' }: Policy): Html =>
  passkeys === 'off' ? empty : html`<p>${words.passkeys.rule[passkeys]}</p>`;

const observing = (locale: Locale, policy: Policy): Html => {
  const { rules, seen } = locale.words;
  const { heading, silent } = rules.observe;
  const lines = observeLines(locale, policy);
  if (lines.length === 0) return html`<h2>${heading}</h2><p class="note">${seen.noOne}</p>`;
  return html`<h2>${heading}</h2><ul>${lines.map(({ text }) => html`<li>${text}</li>`)}</ul><p>${silent}</p>`;
};

/** Reports whether the approval of the rules in force has ended, because the clerk corrected the vote on them. */
const outlive = async (deps: SiteDeps, newest: Adopted | undefined): Promise<boolean> => {
  const number = newest !== undefined && 'change' in newest.by ? changeNamed(newest.by.change)?.number : undefined;
  const reading = number === undefined ? undefined : await ifReadable(readChange(deps.ports, POLICY_KEY, number));
  if (reading === undefined) return false;
  const view = presentChange(reading, deps.ports.clock());
  return (await policyChangeOf(deps, view, latestOf(view)))?.outlives === true;
};

const rulesInForce = (locale: CityLocale, { policy, since }: NonNullable<PolicyState['inForce']>): Html => {
  const { words, say, dateTime } = locale;
  const version = say(words.rules.inForce, { version: policy.version, when: dateTime(since) });
  return html`<p class="lead">${words.rules.lead}</p><p>${policy.name}. ${version}.</p>${authority(locale, policy)}
<h2>${words.rules.heading}</h2>${ruleLines(locale, policy).map((each) => ruleText(locale, each))}
${passkeyText(locale, policy)}${observing(locale, policy)}`;
};

export const rulesPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { format, on: day } = queryOf(context, { on: LocalDate.optional() });
  const [state, rosters, events] = await Promise.all([
    readPolicies(deps.ports),
    readRosters(deps.ports),
    policyEvents(deps.ports),
  ]);
  const adopted = events.filter((event) => event.type === 'PolicyAdopted');
  const now = deps.ports.clock();
  const waits = rosterProposalOf(rosters, deps.ports.zone);
  if (format === 'json')
    return json({
      inForce: state.inForce,
      proposals: state.proposals,
      rosterProposal: waits,
      versions: adopted.map(({ number, at, sha256, policy, by }) => ({ number, at, sha256, policy, by })),
    });
  if (format === 'csv') {
    const rows = adopted.map(({ number, at: since, sha256, policy: { name, version } }) => ({
      number,
      since,
      sha256,
      name,
      version,
    }));
    return csv(context, ['number', 'since', 'sha256', 'name', 'version'], rows);
  }
  const locale = withRoster(localeFor(context, deps.ports.zone, now), rosters.inForce?.roster);
  const { words } = locale;
  const inForce = state.inForce;
  const [waiting, lacksApproval] = await Promise.all([waitingPolicy(deps.ports), outlive(deps, adopted.at(-1))]);
  const body = html`
<h1>${words.rules.title}</h1>${lacksApproval && outlivesNote(locale)}
${inForce === null ? html`<p class="note">${words.noPolicy}</p>` : rulesInForce(locale, inForce)}
<h2 id="officials">${words.rules.who}</h2>${proposal(locale, waits, state.inForce !== null)}${
    rosters.inForce === null ? html`<p class="note">${words.rules.noRoster}</p>` : officials(locale, day)
  }
${adopted.length === 0 && state.proposals.length === 0 ? empty : versions(locale, adopted, state, waiting)}`;
  return render(context, locale, { title: words.rules.title, body, here: 'rules' });
};

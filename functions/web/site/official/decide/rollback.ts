import type { Context } from 'hono';
import { decisionToSign } from '../../../../../domain/feature/decisionToSign.ts';
import { advanceTo } from '../../../../../domain/feature/due.ts';
import { changeId } from '../../../../../domain/feature/keys.ts';
import { rollbackWords } from '../../../../../domain/feature/rollback.ts';
import type { ChangeView } from '../../../../../domain/feature/view.ts';
import { localMoment } from '../../../../../domain/kernel/zone.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { orderFeature } from '../../../../gate/feature.ts';
import { rollbackConfirmersFor } from '../../../../gate/linksFor.ts';
import { readRules } from '../../../../gate/rules.ts';
import { readChange } from '../../../../register/read.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { refused, refusedBy } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import {
  errorSummary,
  type Fault,
  type FormState,
  faultsProblem,
  hidden,
  type Input,
  oneOf,
  readForm,
  readOwnForm,
  sentForm,
  textArea,
  wantsPage,
} from '../../forms.ts';
import { fillText, foreign, html } from '../../html.ts';
import { linkPath, noteLinkUse, type RollbackLink } from '../../links.ts';
import { languageOfHolder, seatName } from '../../names.ts';
import { linkIn, localeFor, render } from '../../page.ts';
import { officialTextsOf } from '../../parts/officialTexts.ts';
import { rollbackActs } from '../../parts/rollback.ts';
import { seeReceipt } from './answers.ts';
import { type Confirming, confirmOrAsk } from './confirmation.ts';
import { commitRollbackReason, withText } from './form/order.ts';
import { readReason } from './form/read.ts';
import { ANSWER_FIELDS } from './roster.ts';

// The page on which a person in office confirms that the vendor rolled back a change that had taken effect without approval.

const BLANK: FormState = { input: new Map(), faults: [], prefix: 'f' };

interface Subject {
  readonly view: ChangeView;
  readonly roster: Roster;
  readonly mine: boolean;
  readonly waits: boolean;
}

const readSubject = async ({ ports }: LinkDeps, { key, n, revision, holder, body, seat }: RollbackLink): Promise<Subject> => {
  const [reading, { policy, roster }] = await Promise.all([readChange(ports, key, n), readRules(ports)]);
  if (reading === undefined || roster === null) throw refused('not-found', { detail: 'this change does not exist' });
  const now = ports.clock();
  const state = advanceTo(reading.state, now);
  const rules = { policy: policy?.policy ?? null, roster: roster.roster };
  const waiting =
    rollbackWords(state, n)?.revision === revision ? rollbackConfirmersFor(state, n, rules, localMoment(now, ports.zone)) : [];
  const mine = waiting.some((each) => each.holder.id === holder && each.body === body && each.seat === seat);
  return { view: reading.view, roster: roster.roster, mine, waits: waiting.length > 0 };
};

/** Returns what the person of a link confirms, with the reason they gave. */
export const rollbackConfirming = async (
  deps: LinkDeps,
  context: Context,
  link: RollbackLink,
  reason: string,
): Promise<Confirming> => {
  const { purpose, holder, body, seat, key, n, revision } = link;
  const { view } = await readSubject(deps, link);
  const digest = view.revisions.find((each) => each.revision === revision)?.digest ?? '';
  const committed = commitRollbackReason(deps, link, reason);
  const request = {
    type: 'confirm-rollback',
    change: n,
    revision,
    digest,
    holder,
    body,
    seat,
    comment: committed.comment ?? '',
  } as const;
  return {
    holder,
    purpose: [purpose, holder, body, seat, key, n, revision],
    toSign: (issued) => decisionToSign(key, seat, request, issued),
    inWords: ({ words: { decide } }) => html`
<p class="lead">${decide.rollback.confirm}: ${foreign(latestOf(view).notice.title)}</p><p><span class="words">${foreign(reason)}</span></p>
<p class="fine"><code>${changeId(key, n)}</code> · ${fillText(decide.roster.digest, { digest })}</p>`,
    fields: html`${hidden('decision', 'confirm')}${hidden('reason', reason)}`,
    confirm: async (assertion) => {
      const acted = withText(deps, link, committed, () =>
        orderFeature(deps.ports, {
          key,
          commandId: `rollback/${changeId(key, n)}/${revision}/${holder}/${body}`,
          actor: `holder:${holder}`,
          request: { ...request, ...(assertion !== undefined && { assertion }) },
        }),
      );
      const done = await noteLinkUse(deps, link, acted);
      if (!done.ok) throw refusedBy(done.rejection);
      return seeReceipt(context);
    },
  };
};

const readConfirmation = (input: Input, faults: Fault[]): string => {
  if (oneOf(input, 'decision') !== 'confirm') faults.push({ name: 'decision', code: 'decision' });
  return readReason(input, faults);
};

/** Takes the form: confirms that the change was rolled back, by a passkey if the policy wants one. */
export const postRollback = async (deps: LinkDeps, context: Context, link: RollbackLink): Promise<Response> => {
  const form = readForm(await readOwnForm(context, deps.ports.url), (name) => ANSWER_FIELDS.includes(name));
  const sent = sentForm(form, readConfirmation);
  if (sent.ok) return confirmOrAsk(deps, context, await rollbackConfirming(deps, context, link, sent.value));
  const { input, faults } = sent;
  return wantsPage(context) ? rollbackPage(deps, context, link, { input, faults, prefix: 'f' }) : faultsProblem(faults);
};

/** Renders the page of a link that confirms a rollback. Opening it confirms nothing. */
export const rollbackPage = async (
  deps: LinkDeps,
  context: Context,
  link: RollbackLink,
  form: FormState = BLANK,
): Promise<Response> => {
  const { ports } = deps;
  const { view, roster, mine, waits } = await readSubject(deps, link);
  const locale = localeFor(context, ports.zone, ports.clock(), languageOfHolder(roster, link.holder));
  const { rollback: texts } = locale.words.decide;
  const officials = await officialTextsOf(deps, view, 'officials');
  const title = foreign(latestOf(view).notice.title);
  const id = changeId(view.key, view.number);
  const when = localMoment(locale.now, locale.zone);
  const said = view.rollback?.confirmations.some(({ holder, body }) => holder === link.holder && body === link.body) === true;
  const note = view.rollback?.completedAt != null ? texts.done : said ? texts.mine : waits ? texts.mayNot : texts.gone;
  const card = html`
<form class="card" method="post" action="${linkIn(context, linkPath(context))}">${hidden('decision', 'confirm')}${textArea(locale, form, 'reason', { label: texts.reason, hint: texts.reasonHint })}<button type="submit">${texts.confirm}</button></form>`;
  const body = html`${errorSummary(locale, form, ANSWER_FIELDS, [])}
<p class="eyebrow">${seatName(roster, link.body, link.seat, when)}</p>
<h1>${texts.heading}</h1><p class="lead">${title}</p><p>${view.status === 'withdrawn' ? texts.withdrawn : texts.entered} ${texts.means}</p>
<p><a href="${linkIn(context, `/changes/${id}`)}">${texts.read}</a> <small><code>${id}</code></small></p>
${mine ? html`<p class="note">${texts.needs}</p>${card}` : html`<p class="note">${note}</p>`}${rollbackActs(locale, view, roster, officials)}`;
  return render(context, locale, { title: texts.title, body, status: form.faults.length === 0 ? 200 : 422 });
};

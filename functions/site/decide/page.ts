import type { Context } from 'hono';
import { localDateOf } from '../../../domain/kernel/zone.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import { bodyName, seatName } from '../names.ts';
import { linkIn, type Page } from '../page.ts';
import { type Wording, wordingDifference } from '../parts/difference.ts';
import { errorSummary, type FormState } from '../parts/field.ts';
import { documentList, impactTable, vendorWords } from '../parts/notice.ts';
import { road } from '../parts/road.ts';
import { termsList } from '../parts/terms.ts';
import type { Voice } from '../voice.ts';
import { certificateForm, certifiedBody, minutesForm } from './certificate.ts';
import { consequences } from './consequences.ts';
import { decisionForm, revocationForm, type Target } from './forms.ts';
import { receiptOf, revocationReceipt, standing, type Texts } from './receipt.ts';
import type { Situation } from './situation.ts';

/** What a page shows beside the situation. `earlier`: the words to compare with, approved last or of the wording before. */
export interface Material {
  readonly texts: Texts;
  readonly earlier: { readonly wording: Wording; readonly note: Html } | undefined;
  readonly current: Wording;
}

/** The form as it was sent, when something was wrong with it. `which`: the one of the page's forms that was sent. */
export interface Trouble {
  readonly which: 'decision' | 'revoke' | 'draft';
  readonly form: FormState;
  readonly messages: readonly Html[];
  readonly status: NonNullable<Page['status']>;
}

export const blankForm = (prefix: string): FormState => ({ input: new Map(), faults: [], prefix });

const canAct = ({ can }: Situation): boolean => can.decide || can.override || can.correct;

const seat = ({ roster, link, now, zone }: Situation): string => {
  const body = bodyName(roster, link.body);
  const name = seatName(roster, link.body, link.seat, localDateOf(now, zone));
  return name === link.seat ? body : name;
};

const eyebrow = (voice: Voice, situation: Situation): Html => {
  const { words, say, until, dateTime } = voice;
  const { requirement, view, now } = situation;
  if (requirement === undefined) return empty;
  const asked = say(words.decide.eyebrow[requirement.instrument], { seat: seat(situation), body: certifiedBody(situation) });
  const closes = view.veto?.until ?? requirement.deadlineAt ?? view.closesAt;
  const from = view.pinned?.from ?? null;
  const early = from !== null && now < from ? html` ${say(words.decide.decideFrom, { when: dateTime(from) })}` : empty;
  return html`<p class="eyebrow">${asked}${closes === null ? empty : html` ${say(words.decide.openUntil, { when: until(closes) })}`}${early}</p>`;
};

const question = (voice: Voice, situation: Situation): Html => {
  const { words, say } = voice;
  const { latest, requirement } = situation;
  const title = foreign(latest.notice.title);
  return requirement?.instrument === 'certification'
    ? say(words.decide.askCertify, { body: certifiedBody(situation), title })
    : say(words.decide.ask[latest.notice.kind], { title });
};

/** Why there is nothing to decide, for somebody who decided nothing. */
const closedNote = (voice: Voice, situation: Situation): Html => {
  const { words, say, list, until } = voice;
  const { view, requirement, holds, roster, now } = situation;
  const { closed } = words.decide;
  if (view.status === 'pending' || view.status === 'vetoed') {
    if (view.pinned === null) return html`${closed.noPolicy}`;
    if (!holds) return html`${closed.notHolding}`;
    if (view.status === 'vetoed') return say(closed.vetoed, { when: until(view.veto?.until ?? now) });
    if (requirement?.status === 'waiting') {
      const first = (requirement.rule.after ?? []).map((id) => view.requirements.find((each) => each.id === id)?.body ?? id);
      return say(closed.notYet, { bodies: list(first.map((body) => bodyName(roster, body))) });
    }
    if (requirement !== undefined && requirement.status !== 'open')
      return say(closed.otherDecided, { body: bodyName(roster, requirement.body) });
    const from = view.pinned.from;
    return now < from ? say(words.decide.decideFrom, { when: voice.dateTime(from) }) : html`${closed.nothingToDo}`;
  }
  return view.status === 'approved' && situation.can.revoke
    ? standing(voice, situation)
    : say(closed.ended, { status: words.status[view.status] });
};

const matter = (voice: Voice, situation: Situation, { current, earlier }: Material): Html => {
  const { words } = voice;
  const { latest, view, link, roster, requirement } = situation;
  return html`
<h2>${words.impact.heading}</h2>${impactTable(voice, latest.notice.impact)}
${earlier === undefined ? empty : html`<h2>${words.change.newWords}</h2><p class="fine">${earlier.note}</p>${wordingDifference(voice, earlier.wording, current)}`}
${current.description === '' ? empty : html`<details><summary>${words.change.description}</summary><p class="words">${foreign(current.description)}</p></details>`}
<h2>${words.change.documents}</h2>${documentList(voice, latest.notice.documents, view.pinned?.missing ?? [])}
<h2>${words.change.stands}</h2>${road(voice, view, roster, link.requirement)}
${requirement !== undefined && view.terms !== null && !canAct(situation) && situation.mine.length === 0 ? html`<h2>${words.decide.terms.heading}</h2>${termsList(voice, view.terms)}` : empty}`;
};

const fine = (context: Context, voice: Voice, { link, latest }: Situation): Html => {
  const { words, say } = voice;
  const change = html`<a href="${linkIn(context, `/changes/${link.key}/${link.n}`)}"><code>${link.key}/${link.n}</code></a>`;
  return html`<p class="fine">${say(words.decide.fine, { revision: latest.revision, change })} ${words.decide.exactWords}: <code>${latest.digest}</code></p>`;
};

const revised = (context: Context, voice: Voice, situation: Situation, { current, earlier }: Material): Html => {
  const { words, say, dateTime } = voice;
  const { link, latest } = situation;
  const slots = { from: link.revision, to: latest.revision, when: dateTime(latest.at) };
  return html`
<h1>${words.decide.revised.heading}</h1>
<p class="lead">${say(words.decide.revised.lead, slots)}</p>
<p class="note">${say(words.decide.revised.newLink, { to: latest.revision })}</p>
<p><a href="${linkIn(context, `/changes/${link.key}/${link.n}`)}">${words.decide.revised.see}</a></p>
<h2>${words.change.newWords}</h2>${earlier === undefined ? empty : html`<p class="fine">${earlier.note}</p>${wordingDifference(voice, earlier.wording, current)}`}`;
};

const forms = (voice: Voice, situation: Situation, target: Target, trouble: Trouble | undefined): Html => {
  const state = (which: Trouble['which'], prefix: string): FormState =>
    trouble?.which === which ? trouble.form : blankForm(prefix);
  if (situation.requirement?.instrument !== 'certification')
    return decisionForm(voice, situation, state('decision', 'f'), target);
  const draft = trouble?.which === 'draft' ? { ...trouble.form, prefix: 'm' } : blankForm('m');
  // A draft fills the certificate as well: both are one form state then.
  const certificate =
    trouble?.which === 'draft'
      ? { ...trouble.form, faults: trouble.form.faults.filter(({ name }) => name !== 'minutes'), prefix: 'f' }
      : state('decision', 'f');
  return html`${minutesForm(voice, draft, target)}${certificateForm(voice, situation, certificate, target)}`;
};

const heading = (voice: Voice, situation: Situation): Html => {
  const { words } = voice;
  if (situation.can.decide || situation.can.override)
    return html`${eyebrow(voice, situation)}<h1>${question(voice, situation)}</h1>`;
  const title = foreign(situation.latest.notice.title);
  return situation.mine.length > 0 || situation.revocation !== undefined
    ? html`<p class="eyebrow calm">${words.decide.receipt.heading}</p><h1>${title}</h1>${standing(voice, situation)}`
    : html`<h1>${title}</h1><p class="lead">${closedNote(voice, situation)}</p>`;
};

/** The page behind a link, whatever its state. It never decides: everything that does is a form on it. */
export const linkPage = (
  context: Context,
  voice: Voice,
  situation: Situation,
  material: Material,
  target: Target,
  trouble?: Trouble,
): Page => {
  const { words } = voice;
  const { latest, link, can, mine, vendor } = situation;
  const shown = [
    'decision',
    'purpose',
    'fileNumber',
    'meetingDate',
    'mover',
    'seconder',
    'minutesUrl',
    'minutesSha256',
    'until',
    'audience',
    'conditions',
    'comment',
    'reason',
    'minutes',
  ];
  const errors = trouble === undefined ? empty : errorSummary(voice, trouble.form, shown, trouble.messages);
  const receipts = html`${mine.toReversed().map((act) => receiptOf(voice, situation, act, material.texts))}${revocationReceipt(voice, situation, material.texts)}`;
  const status = trouble?.status ?? 200;
  if (latest.revision !== link.revision)
    return {
      title: words.decide.revised.heading,
      status,
      body: html`${errors}${revised(context, voice, situation, material)}${receipts}${fine(context, voice, situation)}`,
    };
  const act = canAct(situation);
  const correcting = can.correct && !can.decide && !can.override;
  const form = act ? forms(voice, situation, target, trouble) : empty;
  const revoke = can.revoke
    ? revocationForm(voice, situation, trouble?.which === 'revoke' ? trouble.form : blankForm('r'), target)
    : empty;
  return {
    title: trouble === undefined ? latest.notice.title : `${words.problem.heading}: ${latest.notice.title}`,
    status,
    body: html`${errors}${heading(voice, situation)}
${receipts}
${vendorWords(voice, vendor, latest.notice.summary)}
${act && !correcting ? consequences(voice, situation) : empty}
${matter(voice, situation, material)}
${correcting ? empty : form}
${correcting ? html`<details${trouble === undefined ? empty : html` open`}><summary>${words.decide.certify.correct}</summary>${form}</details>` : empty}
${revoke}
${fine(context, voice, situation)}`,
  };
};

import type { Context } from 'hono';
import { readMinutes } from '../../../../../domain/feature/minutes.ts';
import { localMoment } from '../../../../../domain/kernel/zone.ts';
import { refused } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import { readOwnForm, wantsPage } from '../../forms/guard.ts';
import { type Fault, type Input, readForm } from '../../forms/input.ts';
import { anyLinkOf, type DecideLink, decideLinkOf, linkPath } from '../../links/link.ts';
import { linkIn } from '../../page.ts';
import type { SitePages } from '../../pagesApp.ts';
import { refusedForm, seeReceipt, show, unreadable } from './answers.ts';
import { isConfirming, postConfirmation } from './confirmation.ts';
import { disposalPage } from './disposal.ts';
import type { FormReading } from './form/fields.ts';
import { meetingInput, readMeeting } from './form/meeting.ts';
import { type Ordered, orderContest, orderDecision, orderRevocation } from './form/order.ts';
import {
  type OfficialForm,
  readContest,
  readRevocation,
  readSentForm,
  readTakeBack,
  seatsOn,
  takeBackInput,
} from './form/read.ts';
import { objectionPage, postObjection } from './handover.ts';
import { draftInput, draftMessages } from './minutes.ts';
import { askForPasskey, passkeysFor } from './passkey.ts';
import { rosterPage } from './roster.ts';
import { localeOfSituation, readSituation, type Situation } from './situation.ts';
import { ifUnread, revokeUnread, unreadPage } from './unread.ts';

/** Reports whether only a passkey is missing, and the client can show a page. */
const asksForPasskey = (context: Context, result: Extract<Ordered, { ok: false }>): boolean =>
  result.rejection.code === 'passkey-required' && wantsPage(context);

const decide = async (deps: LinkDeps, context: Context, link: DecideLink): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const situation = await readSituation(deps, link);
  const sent = readSentForm(situation, body);
  const { input } = sent;
  if (!sent.ok) return unreadable(deps, context, situation, 'decision', input, sent.faults);
  const { owned, enrolled } = await passkeysFor(deps, situation);
  const result = await orderDecision(deps, situation, sent.value, { enrolled });
  if (result.ok) return seeReceipt(context);
  if (asksForPasskey(context, result)) return askForPasskey(deps, context, situation, sent, owned);
  return refusedForm(deps, context, situation, { which: 'decision', input, result });
};

const revoke = async (deps: LinkDeps, context: Context, body: Uint8Array): Promise<Response> => {
  const situation = await readSituation(deps, await decideLinkOf(deps, context));
  const { input, faults } = readForm(body, (name) => name === 'reason' || name === 'fileNumber');
  const read = readRevocation(input);
  if (faults.length > 0 || !read.ok)
    return unreadable(deps, context, situation, 'revoke', input, [...faults, ...(read.ok ? [] : read.faults)]);
  const result = await orderRevocation(deps, situation, read.value);
  return result.ok ? seeReceipt(context) : refusedForm(deps, context, situation, { which: 'revoke', input, result });
};

const contest = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const situation = await readSituation(deps, await decideLinkOf(deps, context));
  const { input, faults } = readForm(body, (name) => name === 'reason');
  const read = readContest(input);
  if (faults.length > 0 || !read.ok)
    return unreadable(deps, context, situation, 'contest', input, [...faults, ...(read.ok ? [] : read.faults)]);
  const result = await orderContest(deps, situation, read.value);
  return result.ok ? seeReceipt(context) : refusedForm(deps, context, situation, { which: 'contest', input, result });
};

/** A form beside the main one that is a decision too. `input`: the whole decision, as a passkey can sign it. */
interface OtherDecision {
  readonly which: 'take-back' | 'meeting';
  readonly input: Input;
  readonly faults: readonly Fault[];
  readonly read: (input: Input, zone: string) => FormReading<OfficialForm>;
}

/** Carries out a decision of another form than the main one, with a passkey where one is asked for every decision. */
const decideBeside = async (
  deps: LinkDeps,
  context: Context,
  situation: Situation,
  { which, input, faults, read }: OtherDecision,
): Promise<Response> => {
  const form = read(input, situation.zone);
  if (faults.length > 0 || !form.ok)
    return unreadable(deps, context, situation, which, input, [...faults, ...(form.ok ? [] : form.faults)]);
  const { value } = form;
  const { owned, enrolled } = await passkeysFor(deps, situation);
  const result = await orderDecision(deps, situation, value, { enrolled });
  if (result.ok) return seeReceipt(context);
  if (asksForPasskey(context, result)) return askForPasskey(deps, context, situation, { input, ok: true, value }, owned);
  return refusedForm(deps, context, situation, { which, input, result });
};

const takeBack = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const situation = await readSituation(deps, await decideLinkOf(deps, context));
  const { input, faults } = readForm(body, (name) => name === 'reason');
  const decided = takeBackInput(situation, input);
  return decideBeside(deps, context, situation, { which: 'take-back', input: decided, faults, read: readTakeBack });
};

const nameMeeting = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const situation = await readSituation(deps, await decideLinkOf(deps, context));
  const { input, faults } = readForm(body, (name) => name === 'meetingDate');
  const decided = meetingInput(situation, input);
  return decideBeside(deps, context, situation, { which: 'meeting', input: decided, faults, read: readMeeting });
};

/** Fills the certificate's form from pasted minutes. Records nothing. */
const draft = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const situation = await readSituation(deps, await decideLinkOf(deps, context));
  if (situation.requirement?.instrument !== 'certification')
    throw refused('not-found', { detail: 'nothing is certified by this link' });
  const { input, faults } = readForm(body, (name) => name === 'minutes');
  const minutes = input.get('minutes')?.[0]?.trim() ?? '';
  const all: readonly Fault[] = minutes === '' && faults.length === 0 ? [{ name: 'minutes', code: 'minutes' }] : faults;
  if (all.length > 0) return unreadable(deps, context, situation, 'draft', input, all);
  const read = readMinutes(minutes, seatsOn(situation, localMoment(situation.now, situation.zone)));
  const locale = localeOfSituation(context, situation);
  const form = { input: draftInput(read, minutes), faults: [], prefix: 'f' };
  return show(deps, context, situation, { which: 'draft', form, messages: draftMessages(locale, situation, read), status: 200 });
};

type LinkPath = '/d/{token}' | `/d/{token}/${'revoke' | 'contest' | 'take-back' | 'meeting' | 'draft'}`;

/** The routes behind an official's link. GET and HEAD write nothing; only a POST from the site's own page decides. */
export const linkRoutes = (deps: LinkDeps): Pick<SitePages, LinkPath> => {
  const readablePage = async (context: Context): Promise<Response> => {
    const link = await anyLinkOf(deps, context);
    if (link.purpose === 'passkeys') return context.redirect(linkIn(context, `${linkPath(context)}/passkey`), 303);
    if (link.purpose === 'object') return objectionPage(deps, context, link);
    if (link.purpose === 'confirm-disposal') return disposalPage(deps, context, link);
    return link.purpose === 'decide' ? show(deps, context, await readSituation(deps, link)) : rosterPage(deps, context, link);
  };
  const page = (context: Context): Promise<Response> =>
    ifUnread(
      () => readablePage(context),
      () => unreadPage(deps, context),
    );
  const revokePost = async (context: Context): Promise<Response> => {
    const body = await readOwnForm(context, deps.ports.url);
    return ifUnread(
      () => revoke(deps, context, body),
      () => revokeUnread(deps, context, body),
    );
  };
  const post = async (context: Context): Promise<Response> => {
    const link = await anyLinkOf(deps, context);
    if (link.purpose === 'passkeys') throw refused('not-found', { detail: 'this link decides nothing' });
    if (link.purpose === 'object') return postObjection(deps, context, link);
    return isConfirming(link) ? postConfirmation(deps, context, link) : decide(deps, context, link);
  };
  return {
    '/d/{token}': { GET: page, POST: post },
    '/d/{token}/revoke': { POST: revokePost },
    '/d/{token}/contest': { POST: (context) => contest(deps, context) },
    '/d/{token}/take-back': { POST: (context) => takeBack(deps, context) },
    '/d/{token}/meeting': { POST: (context) => nameMeeting(deps, context) },
    '/d/{token}/draft': { POST: (context) => draft(deps, context) },
  };
};

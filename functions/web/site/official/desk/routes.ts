import type { Context } from 'hono';
import { changeId, changeNamed } from '../../../../../domain/feature/keys.ts';
import { LocalDate } from '../../../../../domain/kernel/zodTypes.ts';
import { lastMomentOf } from '../../../../../domain/kernel/zone.ts';
import { attests } from '../../../../../domain/roster/bodies.ts';
import { type LinkTarget, personGeneration } from '../../../../gate/links.ts';
import { cutOffLinksOf } from '../../../../gate/personCredentials.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { bounceOf } from '../../../../reactions/notify/bounces.ts';
import { readChange } from '../../../../register/read.ts';
import { refused, refusedBy } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import { oneOf, readFields } from '../../forms.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import { anyLinkOf, knownHref, linkPath, type Person, readPerson } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { holderName } from '../../names.ts';
import { linkIn, localeFor, render, seeOther } from '../../page.ts';
import type { Handler, SitePages } from '../../pagesApp.ts';
import { portionOf } from '../../parts/portion.ts';
import { latelyBy, targetOf } from '../inbox.ts';
import { consentForm, consentPost, consentReview } from './consentRoutes.ts';
import {
  CONSENT_MAX,
  certifiedIn,
  deskOf,
  deskPath,
  holdersSection,
  latelyCertified,
  officialsOf,
  officialsSection,
  portionNames,
  type ShownBody,
  waitingSections,
} from './page.ts';

/** Reads the clerk behind a link. Rejects everyone else with 404, so that the desk does not reveal which links exist. */
const clerkOf = async (deps: LinkDeps, context: Context): Promise<Person> => {
  const person = await readPerson(deps, await anyLinkOf(deps, context));
  if (person.roster === null || !person.holds || !attests(person.roster, person.link.body))
    throw refused('not-found', { detail: 'the holder of this link certifies no votes today' });
  return person;
};

/**
 * Returns which changes of a just-sent resolution are recorded, strongly consistent: lists may lag, and an address proves
 * nothing.
 */
const recordedNow = async (deps: LinkDeps, context: Context, { link }: Person, file: string): Promise<readonly string[]> => {
  const asked = new URL(context.req.url).searchParams.getAll('change').slice(0, CONSENT_MAX);
  const found = await Promise.all(
    asked.map(async (id) => {
      const named = changeNamed(id);
      const reading = named === undefined ? undefined : await ifReadable(readChange(deps.ports, named.key, named.number));
      if (reading === undefined) return [];
      const mine = reading.view.acts.some(
        (act) => act.type === 'VoteCertified' && act.holder === link.holder && act.fileNumber === file,
      );
      return mine ? [id] : [];
    }),
  );
  return found.flat();
};

const recordedNote = ({ words, say, list }: Locale, file: string, recorded: readonly string[]): Html =>
  recorded.length === 0
    ? empty
    : html`<p class="note done" role="status">${say(words.desk.recorded, { file: foreign(file) })} ${list(recorded)}</p>`;

const linksNote = ({ words, say }: Locale, { roster }: Person, context: Context): Html => {
  const [reissued, revoked] = [context.req.query('reissued'), context.req.query('revoked')];
  const holder = reissued ?? revoked;
  if (holder === undefined || roster?.holders.every(({ id }) => id !== holder) !== false) return empty;
  const text = reissued === undefined ? words.desk.officials.cutOff : words.desk.officials.done;
  return html`<p class="note done" role="status">${say(text, { name: holderName(roster, holder) })}</p>`;
};

const show = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const { ports } = deps;
  const person = await clerkOf(deps, context);
  const { roster, link, today, now } = person;
  const locale = localeFor(context, person.zone, now, person.language);
  const hrefOf = (target: LinkTarget) => (person.live ? knownHref(deps, target) : null);
  const file = context.req.query('file') ?? '';
  const recorded = await recordedNow(deps, context, person, file);
  const desk = await deskOf(ports, person);
  const bodies = await Promise.all(
    desk.map(async ({ body, acts, later }): Promise<ShownBody> => {
      const names = portionNames(body);
      const votes = portionOf(context, names.votes, acts);
      const waiting = votes.items.filter(({ key, change }) => !recorded.includes(changeId(key, change.number)));
      const items = await Promise.all(waiting.map(async (act) => ({ act, href: await hrefOf(targetOf(act)) })));
      const shown = { votes: { items, next: votes.next }, later: portionOf(context, names.later, later) };
      return { body, ...shown, together: acts.some('decide') };
    }),
  );
  const lately = certifiedIn(await latelyBy(ports, link.holder, now));
  const certified = await Promise.all(
    lately.map(async ({ view, act }) => {
      const { key, number: n } = view;
      const { holder, seat, requirement, revision } = act;
      return {
        view,
        act,
        href: await hrefOf({ purpose: 'decide', holder, body: link.body, seat, requirement, key, n, revision }),
      };
    }),
  );
  const officials = await Promise.all(
    (roster === null ? [] : officialsOf(roster, link.body, today)).map(async (official) => ({
      ...official,
      generation: await personGeneration(ports, official.id),
      unreached: (await bounceOf(ports.sideStore, official.id)) !== undefined,
    })),
  );
  const asked = LocalDate.safeParse(context.req.query('on'));
  const { words } = locale;
  return render(context, locale, {
    title: words.desk.title,
    body: html`
<h1>${words.desk.title}</h1><p class="lead">${words.desk.lead}</p>${person.live ? empty : html`<p class="note">${words.inbox.past}</p>`}
${recordedNote(locale, file, recorded)}${linksNote(locale, person, context)}
${waitingSections(context, locale, person, bodies)}${latelyCertified(context, locale, person, certified)}
${holdersSection(context, locale, person, asked.success ? lastMomentOf(asked.data, person.zone) : today)}${officialsSection(context, locale, person, officials)}
<nav aria-label="${words.decide.mine}"><ul class="plain own"><li><a href="${linkIn(context, `${linkPath(context)}/inbox`)}">${words.decide.inbox}</a></li></ul></nav>`,
  });
};

/** Cuts off an official's links at once; with `reissue`, new ones are mailed. Rejects a link that no longer leads further. */
const cutOff = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const { ports } = deps;
  const input = await readFields(context, ports.url, ['holder', 'generation', 'action']);
  const { link, live } = await clerkOf(deps, context);
  const [holder, generation, action] = [oneOf(input, 'holder'), oneOf(input, 'generation'), oneOf(input, 'action')];
  if (!live) throw refused('not-in-office', { detail: 'this link belongs to something that is over', status: 409 });
  if (!/^[1-9][0-9]{0,8}$/.test(generation) || (action !== 'reissue' && action !== 'revoke') || holder === '')
    throw refused('invalid-form', { detail: 'the form names no person, or not what to do' });
  const by = { holder: link.holder, body: link.body, seat: link.seat };
  const done = await cutOffLinksOf(ports, { holder, by, reissued: action === 'reissue', seen: Number(generation) });
  if (!done.ok) throw refusedBy(done.rejection);
  const outcome = action === 'reissue' ? 'reissued' : 'revoked';
  return seeOther(context, `${deskPath(context)}?${outcome}=${encodeURIComponent(holder)}`);
};

/** The routes of the clerk's desk: votes that wait, one resolution for several, officials' links, and holders by date. */
export const deskRoutes = (
  deps: LinkDeps,
): Pick<SitePages, '/d/{token}/desk' | '/d/{token}/desk/consent' | '/d/{token}/desk/review' | '/d/{token}/desk/links'> => {
  const clerks =
    (work: (deps: LinkDeps, context: Context, person: Person) => Promise<Response>): Handler =>
    async (context) =>
      work(deps, context, await clerkOf(deps, context));
  return {
    '/d/{token}/desk': { GET: (context) => show(deps, context) },
    '/d/{token}/desk/consent': { GET: clerks(consentForm), POST: clerks(consentPost) },
    '/d/{token}/desk/review': { POST: clerks(consentReview) },
    '/d/{token}/desk/links': { POST: (context) => cutOff(deps, context) },
  };
};

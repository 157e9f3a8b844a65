import type { Context } from 'hono';
import { changeId } from '../../../../../domain/feature/keys.ts';
import { type LinkTarget, makeLink } from '../../../../gate/links.ts';
import { refused } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import { type Input, oneOf } from '../../forms/input.ts';
import { readFields } from '../../forms/rejection.ts';
import { anyLinkOf, knownHref } from '../../links/link.ts';
import { type Person, readPerson } from '../../links/person.ts';
import { localeFor, render, seeOther } from '../../page.ts';
import type { SitePages } from '../../pagesApp.ts';
import { portionOf } from '../../parts/portion.ts';
import { inboxPage } from './page.ts';
import { latelyBy, rollbacksFor, rosterWaitingFor, targetNamed, targetOf, waitingFor } from './read.ts';

const show = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const { ports } = deps;
  const person = await readPerson(deps, await anyLinkOf(deps, context));
  const locale = localeFor(context, person.zone, person.now, person.language);
  const hrefOf = (target: LinkTarget) => (person.live ? knownHref(deps, target) : null);
  const acts = person.holds ? await waitingFor(ports, person) : undefined;
  const { items, next } = portionOf(context, 'from', acts ?? []);
  const target = person.holds ? await rosterWaitingFor(ports, person) : undefined;
  const roster = target === undefined ? undefined : { target, href: await hrefOf(target) };
  const own = person.holds ? await rollbacksFor(ports, person) : [];
  const rollbacks = await Promise.all(own.map(async (each) => ({ ...each, href: await hrefOf(each.target) })));
  const [entries, lately] = await Promise.all([
    Promise.all(items.map(async (act) => ({ act, href: await hrefOf(targetOf(act)) }))),
    latelyBy(ports, person.link.holder, person.now),
  ]);
  return render(
    context,
    locale,
    inboxPage(context, locale, { person, count: acts?.length ?? 0, shown: { items: entries, next }, roster, rollbacks, lately }),
  );
};

const FIELDS = ['change', 'requirement', 'seat', 'roster', 'rollback'];

/** Returns what an inbox form names, if it still waits for this person. */
const chosen = async (deps: LinkDeps, person: Person, input: Input): Promise<LinkTarget | undefined> => {
  const sha256 = oneOf(input, 'roster');
  if (sha256 !== '') {
    const target = await rosterWaitingFor(deps.ports, person);
    return target?.sha256 === sha256 ? target : undefined;
  }
  const rollback = oneOf(input, 'rollback');
  if (rollback !== '')
    return (await rollbacksFor(deps.ports, person)).find(({ key, n }) => changeId(key, n) === rollback)?.target;
  const [change, requirement, seat] = [oneOf(input, 'change'), oneOf(input, 'requirement'), oneOf(input, 'seat')];
  return targetNamed(deps.ports, person, { change, requirement, seat });
};

/** Makes a link that no mail has made yet, such as for a new holder of a seat, and redirects to it. Decides nothing. */
const open = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const { ports, keys } = deps;
  const input = await readFields(context, ports.url, FIELDS);
  const person = await readPerson(deps, await anyLinkOf(deps, context));
  const target = person.live ? await chosen(deps, person, input) : undefined;
  if (target === undefined) throw refused('not-found', { detail: 'this does not wait for the person of this link' });
  const token = await makeLink({ ...ports, linkKey: keys.linkKey }, target);
  return seeOther(context, `/d/${token}`);
};

/** The routes of the inbox. */
export const inboxRoutes = (deps: LinkDeps): Pick<SitePages, '/d/{token}/inbox'> => ({
  '/d/{token}/inbox': { GET: (context) => show(deps, context), POST: (context) => open(deps, context) },
});

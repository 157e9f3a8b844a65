import { DatabaseSync } from 'node:sqlite';
import { commitmentNamed } from '../../../domain/feature/events.ts';
import { POLICY_KEY } from '../../../domain/feature/keys.ts';
import type { Notice } from '../../../domain/feature/notice.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { recordRevocation } from '../../../functions/gate/feature.ts';
import { recordLinkUse } from '../../../functions/gate/links.ts';
import { orderRedaction } from '../../../functions/gate/redactions.ts';
import { cutOffLinksOf } from '../../../functions/gate/rosters.ts';
import { adoptPolicy } from '../../../functions/reactions/adoption/policies.ts';
import { catchUp } from '../../../functions/register/project.ts';
import { type Known, noon, putKnown } from '../../functions/web/site/support/cases.ts';
import { type City, certificate, decision, PEOPLE, POLICY, ROSTER } from '../../functions/web/site/support/city.ts';
import { UNCHANGED } from '../../support/fixtures/vendor.ts';

/** Fields of a change that fill every part of its page: terms, two revisions, documents, every impact. */
const RICH: Partial<Notice> = {
  description: 'Searches run on image content, not on plates.\n\nEarly access. Results are kept for ninety days.',
  impact: {
    ...UNCHANGED,
    ...Object.fromEntries(['purpose', 'manner', 'dataTypes'].map((impact) => [impact, 'changed' as const])),
    retention: 'unknown',
  },
};

const TERMS = { audience: 'Police', conditions: 'Images are kept for 21 days at most.' };
const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

/** Returns the clerk's link to that change. */
const proposePolicy = async (city: City) => {
  const [rule] = POLICY.rules;
  const require = rule?.require.map((each) =>
    each.id === 'council' ? { ...each, threshold: { yes: 'unanimous', of: 'seats' }, quorum: 4 } : each,
  );
  const policy = { ...POLICY, version: '2', rules: [{ ...rule, require, window: 'P60D' }] };
  const proposed = await adoptPolicy(city.ports, policy as JsonValue);
  if (!proposed.ok || !('waits' in proposed)) throw new Error('broken invariant: the policy was refused');
  await catchUp(city.ports, POLICY_KEY);
  return city.toClerk(proposed.waits);
};

/**
 * A forced update took effect and was taken back; one of two persons has confirmed that it is undone. Returns the mayor's link to
 * confirm it.
 */
const takenBack = async (city: City, key: string) => {
  const forced = await city.notify({ feature: key, kind: 'update', title: 'Faces, too', optOut: 'no', effectiveAt: city.now() });
  await city.withdraw(forced);
  const n = Number(forced.change.split('/')[1]);
  const linkTo = (person: 'clerk' | 'mayor'): Promise<string> =>
    city.linkTo({ purpose: 'confirm-rollback', ...PEOPLE[person], key, n, revision: 1 });
  await city.post(await linkTo('clerk'), { decision: 'confirm', reason: 'City IT looked: the old version runs.' });
  return linkTo('mayor');
};

/** Opens a city in which everything that can happen to a change has happened to one. */
export const busy = async (city: City) => {
  const { notify, link, linksTo, post, passDays } = city;
  const lapsed = await notify({ feature: 'acme.lapsed', title: 'A camera on a drone' });
  const lapsedMayor = await link('mayor', 'mayor', lapsed);
  passDays(95);
  const day = { meetingDate: '2026-06-06' };
  type Fields = Record<string, string>;
  /** A change on which the council voted. */
  const adopt = async (notice: Partial<Notice>, fields: Fields = {}) => {
    const change = await notify(notice);
    const links = await linksTo(change);
    await post(links.clerk, certificate(change, { ...day, ...fields }));
    return { change, ...links };
  };
  /** One that the mayor answered, too. */
  const answer = async (notice: Partial<Notice>, said: Fields = {}, terms: Fields = {}) => {
    const adopted = await adopt(notice, terms);
    await post(adopted.mayor, decision(adopted.change, { ...terms, ...said }));
    return adopted;
  };
  const NOT_YET = { decision: 'refuse', comment: 'Not yet.' };
  /** One that the mayor refused, and of which the clerk certified a second vote. */
  const override = async (notice: Partial<Notice>, fileNumber: string) => {
    const vetoed = await answer(notice, NOT_YET);
    await post(vetoed.clerk, certificate(vetoed.change, { ...day, purpose: 'override', fileNumber }));
    return vetoed;
  };

  const contract = { ...RICH, kind: 'contract', title: 'Contract for cameras', endsAt: '2027-03-31' } as const;
  const movers = { mover: 'district-1', seconder: 'district-2' };
  const on = await adopt(contract, { ...TERMS, ...movers });
  await post(on.mayor, decision(on.change, { ...TERMS, comment: 'In good order.' }));
  await answer({ ...RICH, feature: 'acme.lpr', title: 'Licence-plate readers' }, {}, TERMS);
  const revoked = await answer({ feature: 'acme.sharing', kind: 'data-sharing', title: 'Sharing with other cities' });
  await post(`${revoked.mayor}/revoke`, { reason: 'It was used for something else.' });
  await answer({ feature: 'acme.undone', title: 'Readers at the airport' });
  const undone = await takenBack(city, 'acme.undone');
  const vetoed = await answer({ feature: 'acme.alerts', title: 'Alerts from shared cameras' }, NOT_YET);
  const overturned = await override({ feature: 'acme.maps', title: 'A map of all cameras' }, '26-0500');
  const doubtful = await override({ feature: 'acme.doubt', title: 'Counting people in a park' }, '26-0501');
  const disputes = { decision: 'dispute', comment: 'District 2 voted no.' };
  await post(await link('h4', 'council', doubtful.change), decision(doubtful.change, disputes));

  const withheld = await notify({ ...RICH, feature: 'acme.withheld', title: 'A list of wanted plates' });
  await withhold(city, 'acme.withheld', withheld.digest);
  const failed = { 'vote.district-1': 'no', 'vote.district-2': 'no' };
  const refused = await adopt({ feature: 'acme.faces', title: 'Search by face' }, failed);

  const portal = { ...RICH, feature: 'acme.lpr.portal', title: 'A portal', summary: 'Residents see counts of searches.' };
  const old = await link('mayor', 'mayor', await notify(portal));
  const counts = { title: 'The portal', summary: 'Residents see counts and hours of searches.' };
  const revision = await notify({ ...portal, ...counts, revises: 1 });

  const waiting = await adopt({ ...RICH, feature: 'acme.lpr.freeform-search' }, TERMS);
  const missing = await notify({ ...RICH, feature: 'acme.lpr.lookup', title: 'Nationwide lookup', optOut: 'no', documents: [] });
  await post(await link('chair', 'board', missing), decision(missing, { comment: 'The board asks for a shorter retention.' }));
  const kept = { maintenance: 'yes' };
  await answer({ feature: 'acme.fixes', title: 'Plate reader software' }, {}, { ...kept, from: '2026-07-01' });
  await answer({ feature: 'acme.repairs', title: 'Camera software' }, {}, kept);
  const fix = await notify({ feature: 'acme.repairs', kind: 'update', title: 'A small fix', optOut: 'no', impact: UNCHANGED });
  const wrong = await answer({ feature: 'acme.wrong', title: 'A search by colour' }, { decision: 'refuse' });

  const dead = await link('h2', 'council', overturned.change);
  await cutOffLinksOf(city.ports, { holder: 'h2', by: null, reissued: true });
  await recordLinkUse(city.ports, { purpose: 'weekly', ...PEOPLE.h2, generation: 2 });
  return {
    dead,
    policyClerk: await proposePolicy(city),
    contestable: await link('mayor', 'mayor', fix),
    undone,
    mistaken: wrong.mayor,
    lapsedMayor,
    on,
    revoked,
    vetoed,
    confirm: await link('h4', 'council', overturned.change),
    disputed: doubtful.clerk,
    withheld: await link('clerk', 'council', withheld),
    refused,
    old,
    waiting,
    certify: await link('clerk', 'council', missing),
    early: await link('mayor', 'mayor', missing),
    advise: await link('chair', 'board', missing),
    advised: await link('chair', 'board', revision),
  };
};

/** Forty features on without permission, one of them again and again, the first with words longer than a line. */
const seenOn = (long: string): readonly Known[] => {
  const over = (day: string) => ({ since: noon(day), until: noon(day), closedAt: noon(day), closedBy: { source: 'portal' } });
  const far = { on: true, agencies: [LONG, 'Sheriff'], version: LONG };
  const evidence = [{ title: LONG, sha256: 'ab'.repeat(32) }];
  return [
    {
      key: long,
      cases: [{ since: noon('2026-02-20'), seen: far, evidence }],
      reports: [{ source: LONG, seen: far, note: LONG.repeat(3) }],
    },
    ...Array.from({ length: 39 }, (_, n) => ({
      key: `acme.product-${(n + 1) % 9}.feature-${n + 1}`,
      cases: [over('2026-01-05'), over('2026-01-07'), { since: noon('2026-02-01') }],
      reports: [{}],
    })),
  ];
};

/** Opens a city with very many entries, and with words longer than a line. */
export const crowded = async (city: City) => {
  await city.notify({ kind: 'contract', title: `Contract ${LONG}`, endsAt: '2027-03-31', summary: `${LONG} `.repeat(12) });
  for (let n = 1; n <= 90; n += 1)
    await city.notify({
      feature: `acme.product-${n % 9}.feature-${n}`,
      title: n % 10 === 0 ? `${LONG}${n}` : `Feature number ${n}`,
    });
  const key = [
    'acme',
    ...Array.from({ length: 4 }, (_, n) => `${n}${LONG.toLowerCase().replaceAll(/[^a-z]/g, '')}`.slice(0, 40)),
  ].join('.');
  const change = await city.notify({
    ...RICH,
    feature: key,
    title: LONG.repeat(2),
    summary: `${LONG}${LONG}${LONG}`,
    description: `${LONG}\n`.repeat(40),
    version: LONG,
    documents: [{ title: LONG, kind: 'release-note', url: `https://vendor.example/${LONG.repeat(3)}` }],
  });
  const clerk = await city.toClerk(change);
  await city.post(clerk, certificate(change, { conditions: LONG.repeat(3), audience: LONG }));
  await putKnown(city, seenOn(key), [
    { source: LONG, every: 'P1D', lookedAt: noon('2026-02-01'), silentFrom: noon('2026-02-02') },
  ]);
  return { key, clerk, mayor: await city.toMayor(change) };
};

/** Withholds what a digest names in the first change of a feature. */
const withhold = ({ ports }: City, key: string, commitment: string) => {
  const order = { key, change: 1, revision: null, commitment, by: 'token:records', everywhere: false } as const;
  return orderRedaction(ports, { ...order, action: 'withhold', reason: 'mistake', authority: 'Records Act', fileNumber: '26-1' });
};

/** Returns the clerk's link to a change whose veto, with a withheld reason, a second vote can overturn. */
const vetoed = async (city: City) => {
  const change = await city.notify({ feature: 'acme.alerts', title: 'Alerts from shared cameras' });
  const { clerk: second } = await city.linksTo(change);
  await city.certify(change);
  await city.sign(change, { decision: 'refuse', comment: 'A resident of 5 Elm Street called.' });
  const [commitment = ''] = (await city.events('acme.alerts')).flatMap((event) => commitmentNamed(event) ?? []);
  await withhold(city, 'acme.alerts', commitment);
  return { second };
};

/** Opens a city with passkeys and a roster that waits for confirmation: the pages of a person. */
export const official = async (city: City) => {
  const change = await city.notify();
  const shared = await city.notify({ feature: 'acme.sharing', kind: 'data-sharing', title: 'Sharing with other cities' });
  const veto = await vetoed(city);
  const changed: Readonly<Record<string, object>> = {
    h4: { id: 'h5', name: 'Council member, newly elected' },
    h3: { email: 'district-3@else.example' },
  };
  const sha256 = await city.putForward(ROSTER.holders.map((one) => ({ ...one, ...changed[one.id] })));
  const linkTo = (person: keyof typeof PEOPLE) => city.linkTo({ purpose: 'confirm-roster', ...PEOPLE[person], sha256 });
  const refused = await linkTo('h3');
  await city.post(refused, { decision: 'refuse', reason: 'I did not ask for another address.' });
  return {
    mayor: await city.toMayor(change),
    clerk: await city.toClerk(change),
    roster: await linkTo('clerk'),
    refuse: await linkTo('mayor'),
    refused,
    missing: await city.toClerk(shared),
    ...veto,
    weekly: await city.linkTo({ purpose: 'weekly', ...PEOPLE.mayor }),
  };
};

/**
 * Alters what is stored about two changes of a city, as somebody who writes into the database would. The mayor's links to both: to one that
 * can be switched off, and to one that was.
 */
export const altered = async ({ path, ports, notify, link }: City) => {
  const [open, done] = [await notify({ feature: 'acme.altered' }), await notify({ feature: 'acme.ended' })];
  const links = { open: await link('mayor', 'mayor', open), done: await link('mayor', 'mayor', done) };
  const database = new DatabaseSync(path);
  database.exec("UPDATE commits SET mac = zeroblob(32) WHERE stream LIKE 'feature/acme.%'");
  database.close();
  const act = { key: 'acme.ended', change: 1, requirement: 'mayor', ...PEOPLE.mayor, fileNumber: '26-0600', reason: null };
  const recorded = await recordRevocation(ports, 'a revocation', act);
  if (!recorded.ok) throw new Error('broken invariant: the revocation was refused');
  return links;
};

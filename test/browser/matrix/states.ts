import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { commitmentNamed } from '../../../domain/feature/events.ts';
import { POLICY_KEY } from '../../../domain/feature/keys.ts';
import type { Notice } from '../../../domain/feature/notice.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { IMPACTS } from '../../../domain/policy/schema.ts';
import { recordRevocation } from '../../../functions/gate/feature.ts';
import { recordLinkUse } from '../../../functions/gate/links.ts';
import { orderRedaction } from '../../../functions/gate/redactions.ts';
import { cutOffLinksOf } from '../../../functions/gate/rosters.ts';
import { adoptPolicy } from '../../../functions/reactions/adoption/policies.ts';
import { catchUp } from '../../../functions/register/project.ts';
import { type Known, noon, putKnown } from '../../functions/web/site/support/cases.ts';
import { type City, certificate, decision, PEOPLE, POLICY, ROSTER } from '../../functions/web/site/support/city.ts';

/** Fields of a change that fill every part of its page: terms, two revisions, documents, every impact. */
const RICH: Partial<Notice> = {
  description: 'Searches run on image content, not on plates.\n\nEarly access. Results are kept for ninety days.',
  impact: {
    purpose: 'changed',
    manner: 'changed',
    location: 'unchanged',
    dataTypes: 'changed',
    sharing: 'unchanged',
    retention: 'unknown',
    integration: 'unchanged',
    cost: 'unchanged',
    oversight: 'unchanged',
  },
};

const UNCHANGED = Object.fromEntries(IMPACTS.map((impact) => [impact, 'unchanged' as const]));

const TERMS = { audience: 'Police', conditions: 'Images are kept for 21 days at most.' };
const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

/** Proposes a policy under which the whole council must say yes. Returns the clerk's link to that change. */
const proposePolicy = async (city: City): Promise<string> => {
  const [rule] = POLICY.rules;
  const require = rule?.require.map((each) =>
    each.id === 'council' ? { ...each, threshold: { yes: 'unanimous', of: 'seats' }, quorum: 4 } : each,
  );
  const policy = { ...POLICY, version: '2', rules: [{ ...rule, require, window: 'P60D' }] };
  const proposed = await adoptPolicy(city.ports, policy as JsonValue);
  if (!proposed.ok || !('waits' in proposed)) throw new Error('broken invariant: the policy was refused');
  await catchUp(city.ports, POLICY_KEY);
  return city.link('clerk', 'council', proposed.waits);
};

/** A forced update took effect and was taken back; one of two persons has confirmed that it is undone. Returns the mayor's link to confirm it. */
const takenBack = async (city: City, key: string): Promise<string> => {
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
  const { notify, link, post, passDays } = city;
  const adopt = async (change: Awaited<ReturnType<typeof notify>>, fields: Record<string, string> = {}) => {
    const clerk = await link('clerk', 'council', change);
    await post(clerk, certificate(change, fields));
    return { change, clerk, mayor: await link('mayor', 'mayor', change) };
  };
  const lapsed = await notify({ feature: 'acme.lapsed', title: 'A camera on a drone' });
  const lapsedMayor = await link('mayor', 'mayor', lapsed);
  passDays(95);
  const day = { meetingDate: '2026-06-06' };

  const contract = await notify({ ...RICH, kind: 'contract', title: 'Contract for cameras', endsAt: '2027-03-31' });
  const on = await adopt(contract, { ...day, ...TERMS, mover: 'district-1', seconder: 'district-2' });
  await post(on.mayor, decision(contract, { ...TERMS, comment: 'In good order.' }));

  const product = await notify({ ...RICH, feature: 'acme.lpr', title: 'Licence-plate readers' });
  const second = await adopt(product, { ...day, ...TERMS });
  await post(second.mayor, decision(product, TERMS));

  const revoked = await notify({ feature: 'acme.sharing', kind: 'data-sharing', title: 'Sharing with other cities' });
  const third = await adopt(revoked, day);
  await post(third.mayor, decision(revoked));
  await post(`${third.mayor}/revoke`, { reason: 'It was used for something else.' });

  const running = await notify({ feature: 'acme.undone', title: 'Readers at the airport' });
  await post((await adopt(running, day)).mayor, decision(running));
  const undone = await takenBack(city, 'acme.undone');

  const vetoed = await notify({ feature: 'acme.alerts', title: 'Alerts from shared cameras' });
  const fourth = await adopt(vetoed, day);
  await post(fourth.mayor, decision(vetoed, { decision: 'refuse', comment: 'Not yet.' }));

  const overturned = await notify({ feature: 'acme.maps', title: 'A map of all cameras' });
  const seventh = await adopt(overturned, day);
  await post(seventh.mayor, decision(overturned, { decision: 'refuse', comment: 'Not yet.' }));
  await post(seventh.clerk, certificate(overturned, { ...day, purpose: 'override', fileNumber: '26-0500' }));

  const doubtful = await notify({ feature: 'acme.doubt', title: 'Counting people in a park' });
  const eighth = await adopt(doubtful, day);
  await post(eighth.mayor, decision(doubtful, { decision: 'refuse', comment: 'Not yet.' }));
  await post(eighth.clerk, certificate(doubtful, { ...day, purpose: 'override', fileNumber: '26-0501' }));
  const disputes = { decision: 'dispute', comment: 'District 2 voted no.' };
  await post(await link('h4', 'council', doubtful), decision(doubtful, disputes));

  const withheld = await notify({ ...RICH, feature: 'acme.withheld', title: 'A list of wanted plates' });
  await withhold(city, 'acme.withheld', withheld.digest);
  const refused = await notify({ feature: 'acme.faces', title: 'Search by face' });
  const fifth = await adopt(refused, { ...day, 'vote.district-1': 'no', 'vote.district-2': 'no' });

  const first = await notify({
    ...RICH,
    feature: 'acme.lpr.portal',
    title: 'A portal',
    summary: 'Residents see counts of searches.',
  });
  const old = await link('mayor', 'mayor', first);
  const revision = await notify({
    ...RICH,
    feature: 'acme.lpr.portal',
    title: 'The portal',
    revises: 1,
    summary: 'Residents see counts and hours of searches.',
  });

  const waiting = await adopt(await notify({ ...RICH, feature: 'acme.lpr.freeform-search' }), { ...day, ...TERMS });
  const missing = await notify({ ...RICH, feature: 'acme.lpr.lookup', title: 'Nationwide lookup', optOut: 'no', documents: [] });
  await post(await link('chair', 'board', missing), decision(missing, { comment: 'The board asks for a shorter retention.' }));
  const fixes = await notify({ feature: 'acme.fixes', title: 'Plate reader software' });
  const allowed = { maintenance: 'yes', from: '2026-07-01' };
  const sixth = await adopt(fixes, { ...day, ...allowed });
  await post(sixth.mayor, decision(fixes, allowed));
  const repairs = await notify({ feature: 'acme.repairs', title: 'Camera software' });
  const kept = { maintenance: 'yes' };
  await post((await adopt(repairs, { ...day, ...kept })).mayor, decision(repairs, kept));
  const fix = await notify({ feature: 'acme.repairs', kind: 'update', title: 'A small fix', optOut: 'no', impact: UNCHANGED });
  const contestable = await link('mayor', 'mayor', fix);

  const wrong = await notify({ feature: 'acme.wrong', title: 'A search by colour' });
  const mistaken = await adopt(wrong, day);
  await post(mistaken.mayor, decision(wrong, { decision: 'refuse' }));

  const dead = await link('h2', 'council', overturned);
  await cutOffLinksOf(city.ports, { holder: 'h2', by: null, reissued: true });
  const person = { holder: 'h2', body: 'council', seat: 'district-2' };
  await recordLinkUse(city.ports, { purpose: 'weekly', ...person, generation: 2 });

  const policyClerk = await proposePolicy(city);
  return {
    dead,
    policyClerk,
    contestable,
    undone,
    mistaken: mistaken.mayor,
    lapsedMayor,
    on,
    third,
    fourth,
    confirm: await link('h4', 'council', overturned),
    disputed: eighth.clerk,
    withheld: await link('clerk', 'council', withheld),
    fifth,
    old,
    revised: await link('clerk', 'council', revision),
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
  const clerk = await city.link('clerk', 'council', change);
  await city.post(clerk, certificate(change, { conditions: LONG.repeat(3), audience: LONG }));
  await putKnown(city, seenOn(key), [
    { source: LONG, every: 'P1D', lookedAt: noon('2026-02-01'), silentFrom: noon('2026-02-02') },
  ]);
  return { key, clerk, mayor: await city.link('mayor', 'mayor', change) };
};

/** Withholds what a digest names in the first change of a feature. */
const withhold = ({ ports }: City, key: string, commitment: string) => {
  const order = { key, change: 1, revision: null, commitment, by: 'token:records', everywhere: false } as const;
  return orderRedaction(ports, { ...order, action: 'withhold', reason: 'mistake', authority: 'Records Act', fileNumber: '26-1' });
};

/** Returns the clerk's link to a change whose veto, with a withheld reason, a second vote can overturn. */
const vetoed = async (city: City) => {
  const change = await city.notify({ feature: 'acme.alerts', title: 'Alerts from shared cameras' });
  const second = await city.link('clerk', 'council', change);
  await city.post(second, certificate(change));
  const mayor = await city.link('mayor', 'mayor', change);
  await city.post(mayor, decision(change, { decision: 'refuse', comment: 'A resident of 5 Elm Street called.' }));
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
    mayor: await city.link('mayor', 'mayor', change),
    clerk: await city.link('clerk', 'council', change),
    roster: await linkTo('clerk'),
    refuse: await linkTo('mayor'),
    refused,
    missing: await city.link('clerk', 'council', shared),
    ...veto,
    weekly: await city.linkTo({ purpose: 'weekly', ...PEOPLE.mayor }),
  };
};

/**
 * Alters what is stored about two changes of a city, as somebody who writes into the database would. The mayor's links to both: to one that
 * can be switched off, and to one that was.
 */
export const altered = async ({ folder, ports, notify, link }: City) => {
  const [open, done] = [await notify({ feature: 'acme.altered' }), await notify({ feature: 'acme.ended' })];
  const links = { open: await link('mayor', 'mayor', open), done: await link('mayor', 'mayor', done) };
  const database = new DatabaseSync(join(folder, 'store.db'));
  database.exec("UPDATE commits SET mac = zeroblob(32) WHERE stream LIKE 'feature/acme.%'");
  database.close();
  const act = { key: 'acme.ended', change: 1, requirement: 'mayor', ...PEOPLE.mayor, fileNumber: '26-0600', reason: null };
  const recorded = await recordRevocation(ports, 'a revocation', act);
  if (!recorded.ok) throw new Error('broken invariant: the revocation was refused');
  return links;
};

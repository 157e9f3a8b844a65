import { formatVerifierKey, verifierKey } from '../../../domain/log/note.ts';
import { makeVendorForm } from '../../../functions/gate/vendors.ts';
import { openApiDocument } from '../../../functions/web/api/openapi/document.ts';
import { docsApp } from '../../../functions/web/docs/app.ts';
import { passkeyApp } from '../../../functions/web/passkeys/app.ts';
import { appOf } from '../../../functions/web/routes/table.ts';
import { siteApp } from '../../../functions/web/site/app.ts';
import { BALLOTS, type City, type CityOptions, openCity, WITH_PASSKEYS } from '../../functions/web/site/support/city.ts';
import { listening } from '../../support/listening.ts';
import { permitted } from '../../support/permitted.ts';
import { PSEUDO } from '../../support/pseudo.ts';
import { altered, busy, crowded, official } from './states.ts';

/** One page in one state. `route`: the pattern it covers. `submit`: a form to submit as it is, to see its faults. */
export interface Entry {
  readonly name: string;
  readonly route: string;
  readonly address: string;
  readonly submit?: string;
}

/** `route` is left out where the path is the route. */
type Row = readonly [name: string, path: string, route?: string, submit?: string];

const [FEATURE, CHANGE, VENDOR] = ['/features/:key', '/changes/:key/:n', '/vendors/:id'];
const [DOCS, PACKET, LINK, FORM] = ['/docs/:page', '/changes/:key/:n/packet', '/d/:token', '/n/:token'];

const entries = (url: string, rows: readonly Row[]): readonly Entry[] =>
  rows.map(([name, path, route = path.split('?', 1)[0] ?? '', submit]) => ({
    name,
    route,
    address: `${url}${path}`,
    ...(submit === undefined ? {} : { submit }),
  }));

type States = Awaited<ReturnType<typeof busy>>;

const publicPages: readonly Row[] = [
  ['register', '/'],
  ['register, a search', '/?q=search&show=waiting'],
  ['register, nothing found', '/?q=zzz&show=on'],
  ['register, a past day', '/?at=2026-06-01'],
  ['numbers', '/numbers'],
  ['on without permission', '/on-without-permission'],
  ['vendor', '/vendors/acme', VENDOR],
  ['feature on', '/features/acme', FEATURE],
  ['feature waiting', '/features/acme.lpr.freeform-search', FEATURE],
  ['feature revoked', '/features/acme.sharing', FEATURE],
  ['feature unknown', '/features/nobody.knows', FEATURE],
  ['feature on a past day', '/features/acme?at=2026-06-01', FEATURE],
  ['change approved', '/changes/acme/1', CHANGE],
  ['change waiting', '/changes/acme.lpr.freeform-search/1', CHANGE],
  ['change vetoed', '/changes/acme.alerts/1', CHANGE],
  ['change with a disputed certificate', '/changes/acme.doubt/1', CHANGE],
  ['change, its notice withheld', '/changes/acme.withheld/1', CHANGE],
  ['change refused', '/changes/acme.faces/1', CHANGE],
  ['change revoked', '/changes/acme.sharing/1', CHANGE],
  ['change revised', '/changes/acme.lpr.portal/1', CHANGE],
  ['change lapsed', '/changes/acme.lapsed/1', CHANGE],
  ['feature that starts later', '/features/acme.fixes', FEATURE],
  ['change that came as maintenance', '/changes/acme.repairs/2', CHANGE],
  ['change that was taken back too late', '/changes/acme.undone/2', CHANGE],
  ['change of the policy', '/changes/aldergate.policy/1', CHANGE],
  ['rules', '/rules'],
  ['calendar', '/calendar'],
  ['check', '/check'],
  ['accessibility', '/accessibility'],
  ['privacy', '/privacy'],
  ['outbox', '/dev/outbox'],
  ['docs', '/docs'],
  ['docs, fail closed', '/docs/fail-closed', DOCS],
  ['docs for vendors', '/docs/vendors', DOCS],
  ['docs for IT', '/docs/it', DOCS],
  ['docs, what is seen', '/docs/observations', DOCS],
  ['docs, records', '/docs/records', DOCS],
  ['docs for operators', '/docs/operators', DOCS],
  ['docs, hiding texts', '/docs/redactions', DOCS],
  ['packet', '/changes/acme.lpr.lookup/1/packet', PACKET],
  ['packet of several', '/packet?body=council&change=acme.lpr.lookup/1&change=acme.lpr.portal/1'],
  ['worklist, who asks', '/worklist'],
  ['no such page', '/nothing', '*'],
  ['no such link', '/d/nothing', LINK],
  ['bad address', '/features/UPPER', FEATURE],
];

const officialPages = (states: States): readonly Row[] => [
  ['to certify', states.certify, LINK],
  ['to contest', states.contestable, LINK],
  ['to confirm that a change is undone', states.undone, LINK],
  ['to confirm that a change is undone, with faults', states.undone, LINK, 'form.card'],
  ['to take a refusal back', states.mistaken, LINK],
  ['to certify, a policy', states.policyClerk, LINK],
  ['to certify, with faults', states.certify, LINK, 'form[aria-labelledby=certificate]'],
  ['to sign', states.waiting.mayor, LINK],
  ['to sign, with faults', states.waiting.mayor, LINK, 'form[aria-labelledby=decision]'],
  ['to sign, not yet', states.early, LINK],
  ['to advise', states.advised, LINK],
  ['receipt of advice', states.advise, LINK],
  ['receipt of the clerk', states.on.clerk, LINK],
  ['receipt of the mayor', states.on.mayor, LINK],
  ['receipt of a revocation', states.revoked.mayor, LINK],
  ['to override', states.vetoed.clerk, LINK],
  ['to confirm a certificate', states.confirm, LINK],
  ['to confirm a certificate, with faults', states.confirm, LINK, 'form.card'],
  ['to correct what was disputed', states.disputed, LINK],
  ['to certify, the notice withheld', states.withheld, LINK],
  ['receipt of a veto', states.vetoed.mayor, LINK],
  ['refused', states.refused.mayor, LINK],
  ['lapsed', states.lapsedMayor, LINK],
  ['revised', states.old, LINK],
  ['dead link', states.dead, LINK],
  ['new links were asked for', `${states.dead}/renew`, '/d/:token/renew'],
  ['inbox of the mayor', `${states.waiting.mayor}/inbox`, '/d/:token/inbox'],
  ['inbox of a member of the board', `${states.advised}/inbox`, '/d/:token/inbox'],
  ['desk', `${states.certify}/desk`, '/d/:token/desk'],
  [
    'consent agenda',
    `${states.certify}/desk/consent?body=council&change=acme.lpr.lookup/1&change=acme.lpr.portal/1`,
    '/d/:token/desk/consent',
  ],
];

/** What no person is shown: files for programs, and forms' targets. */
export const NOT_PAGES: readonly RegExp[] = [
  /^\/assets\//,
  /\.(?:ics|atom|json|csv|svg|xml|mjs|ico|txt)$/,
  /^\/\*$/,
  /feed/,
  /\/document\//,
];

/** Opens cities in many states and returns all their pages. The caller closes them. */
export const everyPage = async () => {
  const [main, full, bare, votes, keyed] = await Promise.all([
    serve(),
    serve(),
    serve({ policy: null }),
    serve({ policy: BALLOTS }),
    serve({ policy: WITH_PASSKEYS }),
  ]);
  const [states, crowd, people] = await Promise.all([busy(main.city), crowded(full.city), official(keyed.city)]);
  const asked = await votes.city.notify();
  const vote = await votes.city.link('h2', 'council', asked);
  const unread = await altered(votes.city);
  const form = await makeVendorForm(main.city.ports, 'acme', 'P30D');
  const pages: readonly Entry[] = [
    ...entries(main.url, [
      ...publicPages,
      ...officialPages(states),
      ['form of a vendor', `/n/${form?.token}`, FORM],
      ['form of a vendor, with faults', `/n/${form?.token}`, FORM, 'form.card'],
      ['form of a vendor, sent', `/n/${form?.token}?change=acme/1`, FORM],
    ]),
    ...entries(full.url, [
      ['register, very many', '/'],
      ['on without permission, very many', '/on-without-permission'],
      ['feature on without permission', '/features/acme.product-1.feature-1', FEATURE],
      ['numbers, very many', '/numbers'],
      ['calendar, very many', '/calendar'],
      ['feature, very long words', `/features/${crowd.key}`, FEATURE],
      ['change, very long words', `/changes/${crowd.key}/1`, CHANGE],
      ['to sign, very long words', crowd.mayor, LINK],
      ['desk, very many', `${crowd.clerk}/desk`, '/d/:token/desk'],
    ]),
    ...entries(bare.url, [
      ['register, empty', '/'],
      ['calendar, empty', '/calendar'],
      ['numbers, empty', '/numbers'],
      ['rules, none', '/rules'],
    ]),
    ...entries(keyed.url, [
      ['passkeys', `${people.mayor}/passkey`, '/d/:token/passkey'],
      ['passkeys, to reset', `${people.clerk}/passkey/reset`, '/d/:token/passkey/reset'],
      ['roster to confirm', people.roster, LINK],
      ['roster to refuse', people.refuse, LINK],
      ['roster that one refused', people.refused, LINK],
      ['rules, a roster waits', '/rules'],
      ['weekly mail', people.weekly, '/m/:token'],
      ['to certify, a document is missing', people.missing, LINK],
      ['to certify a second vote', people.second, LINK],
    ]),
    ...entries(votes.url, [
      ['to vote', vote, LINK],
      ['cannot be read, to switch off', unread.open, LINK],
      ['cannot be read, receipt', unread.done, LINK],
      ['register, one cannot be read', '/'],
      ['feature that cannot be read', '/features/acme.altered', FEATURE],
      ['change that cannot be read', '/changes/acme.altered/1', CHANGE],
    ]),
  ];
  return {
    pages,
    routes: main.routes,
    close: () => Promise.all([main, full, bare, votes, keyed].map(({ close }) => close())),
  };
};

/** A test city at its own address, with the developers' pages and a right-to-left language. */
export interface Served {
  readonly url: string;
  readonly city: City;
  readonly routes: readonly string[];
  readonly close: () => Promise<void>;
}

export const serve = async (options: CityOptions = {}): Promise<Served> => {
  const server = await listening();
  const { url } = server;
  const city = await openCity({ ...options, url });
  const outbox = async () => [
    { to: 'hc@city.example', subject: 'Certify', change: 'acme/1', revision: 1, links: [`${url}/d/x`] },
  ];
  const docs = docsApp({ ...city.deps, document: () => openApiDocument(url) });
  const site = siteApp({
    ...city.deps,
    ports: permitted('site', city.ports),
    outbox,
    checkpoint: () => '12',
    vkey: () => VKEY,
  }).route('/', docs);
  const passkeys = passkeyApp({
    ...city.deps,
    ports: permitted('passkeys', city.ports),
    mailer: { send: async () => {}, close: async () => {} },
  });
  server.serve((request) => {
    const app = appOf(new URL(request.url).pathname);
    return (app === 'passkeys' ? passkeys : site).fetch(request, { trial: PSEUDO });
  });
  const gets = [...site.routes, ...passkeys.routes].filter(({ method }) => method === 'GET').map(({ path }) => path);
  return {
    url,
    city,
    routes: [...new Set(gets)].sort(),
    close: async () => {
      await server.close();
      await city.close();
    },
  };
};

/** A well-formed verifier key without a private key. */
const VKEY = formatVerifierKey(verifierKey('gate.example/log', 1, new Uint8Array(32).fill(7)));

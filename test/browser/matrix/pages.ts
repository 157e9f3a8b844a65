import { formatVerifierKey, verifierKey } from '../../../domain/log/note.ts';
import { makeVendorForm } from '../../../functions/gate/vendors.ts';
import { openApiDocument } from '../../../functions/web/api/openapi/document.ts';
import { docsApp } from '../../../functions/web/docs/app.ts';
import { passkeyApp } from '../../../functions/web/passkeys/app.ts';
import { appOf } from '../../../functions/web/routes/table.ts';
import { siteApp } from '../../../functions/web/site/app.ts';
import { BALLOTS, type City, type CityOptions, openCity, WITH_PASSKEYS } from '../../functions/web/site/support/city.ts';
import { listening } from '../../support/listening.ts';
import { PSEUDO } from '../../support/pseudo.ts';
import { altered, busy, crowded, official } from './states.ts';

/** One page in one state. `route`: the pattern it covers. `submit`: a form to submit as it is, to see its faults. */
export interface Entry {
  readonly name: string;
  readonly route: string;
  readonly address: string;
  readonly submit?: string;
}

type Row = readonly [name: string, route: string, path: string, submit?: string];

const entries = (url: string, rows: readonly Row[]): readonly Entry[] =>
  rows.map(([name, route, path, submit]) => ({
    name,
    route,
    address: `${url}${path}`,
    ...(submit === undefined ? {} : { submit }),
  }));

type States = Awaited<ReturnType<typeof busy>>;

const publicPages: readonly Row[] = [
  ['register', '/', '/'],
  ['register, a search', '/', '/?q=search&show=waiting'],
  ['register, nothing found', '/', '/?q=zzz&show=on'],
  ['register, a past day', '/', '/?at=2026-06-01'],
  ['numbers', '/numbers', '/numbers'],
  ['on without permission', '/on-without-permission', '/on-without-permission'],
  ['vendor', '/vendors/:id', '/vendors/acme'],
  ['feature on', '/features/:key', '/features/acme'],
  ['feature waiting', '/features/:key', '/features/acme.lpr.freeform-search'],
  ['feature revoked', '/features/:key', '/features/acme.sharing'],
  ['feature unknown', '/features/:key', '/features/nobody.knows'],
  ['feature on a past day', '/features/:key', '/features/acme?at=2026-06-01'],
  ['proof', '/features/:key/proof', '/features/acme/proof'],
  ['proof of a past day', '/features/:key/proof', '/features/acme.sharing/proof?at=2026-06-01'],
  ['change approved', '/changes/:key/:n', '/changes/acme/1'],
  ['change waiting', '/changes/:key/:n', '/changes/acme.lpr.freeform-search/1'],
  ['change vetoed', '/changes/:key/:n', '/changes/acme.alerts/1'],
  ['change with a disputed certificate', '/changes/:key/:n', '/changes/acme.doubt/1'],
  ['change, its notice withheld', '/changes/:key/:n', '/changes/acme.withheld/1'],
  ['change refused', '/changes/:key/:n', '/changes/acme.faces/1'],
  ['change revoked', '/changes/:key/:n', '/changes/acme.sharing/1'],
  ['change revised', '/changes/:key/:n', '/changes/acme.lpr.portal/1'],
  ['change lapsed', '/changes/:key/:n', '/changes/acme.lapsed/1'],
  ['feature that starts later', '/features/:key', '/features/acme.fixes'],
  ['change that came as maintenance', '/changes/:key/:n', '/changes/acme.repairs/2'],
  ['change that was taken back too late', '/changes/:key/:n', '/changes/acme.undone/2'],
  ['change of the policy', '/changes/:key/:n', '/changes/aldergate.policy/1'],
  ['rules', '/rules', '/rules'],
  ['calendar', '/calendar', '/calendar'],
  ['check', '/check', '/check'],
  ['accessibility', '/accessibility', '/accessibility'],
  ['privacy', '/privacy', '/privacy'],
  ['outbox', '/dev/outbox', '/dev/outbox'],
  ['docs', '/docs', '/docs'],
  ['docs, fail closed', '/docs/:page', '/docs/fail-closed'],
  ['docs for vendors', '/docs/:page', '/docs/vendors'],
  ['docs for IT', '/docs/:page', '/docs/it'],
  ['docs, what is seen', '/docs/:page', '/docs/observations'],
  ['docs, records', '/docs/:page', '/docs/records'],
  ['docs for operators', '/docs/:page', '/docs/operators'],
  ['docs, hiding texts', '/docs/:page', '/docs/redactions'],
  ['packet', '/changes/:key/:n/packet', '/changes/acme.lpr.lookup/1/packet'],
  ['packet of several', '/packet', '/packet?body=council&change=acme.lpr.lookup/1&change=acme.lpr.portal/1'],
  ['worklist, who asks', '/worklist', '/worklist'],
  ['no such page', '*', '/nothing'],
  ['no such link', '/d/:token', '/d/nothing'],
  ['bad address', '/features/:key', '/features/UPPER'],
];

const officialPages = (states: States): readonly Row[] => [
  ['to certify', '/d/:token', states.certify],
  ['to contest', '/d/:token', states.contestable],
  ['to confirm that a change is undone', '/d/:token', states.undone],
  ['to confirm that a change is undone, with faults', '/d/:token', states.undone, 'form.card'],
  ['to take a refusal back', '/d/:token', states.mistaken],
  ['to certify, a policy', '/d/:token', states.policyClerk],
  ['to certify, with faults', '/d/:token', states.certify, 'form[aria-labelledby=certificate]'],
  ['to sign', '/d/:token', states.waiting.mayor],
  ['to sign, with faults', '/d/:token', states.waiting.mayor, 'form[aria-labelledby=decision]'],
  ['to sign, not yet', '/d/:token', states.early],
  ['to advise', '/d/:token', states.advised],
  ['receipt of advice', '/d/:token', states.advise],
  ['receipt of the clerk', '/d/:token', states.on.clerk],
  ['receipt of the mayor', '/d/:token', states.on.mayor],
  ['receipt of a revocation', '/d/:token', states.third.mayor],
  ['to override', '/d/:token', states.fourth.clerk],
  ['to confirm a certificate', '/d/:token', states.confirm],
  ['to confirm a certificate, with faults', '/d/:token', states.confirm, 'form.card'],
  ['to correct what was disputed', '/d/:token', states.disputed],
  ['to certify, the notice withheld', '/d/:token', states.withheld],
  ['receipt of a veto', '/d/:token', states.fourth.mayor],
  ['refused', '/d/:token', states.fifth.mayor],
  ['lapsed', '/d/:token', states.lapsedMayor],
  ['revised', '/d/:token', states.old],
  ['dead link', '/d/:token', states.dead],
  ['new links were asked for', '/d/:token/renew', `${states.dead}/renew`],
  ['inbox of the mayor', '/d/:token/inbox', `${states.waiting.mayor}/inbox`],
  ['inbox of a member of the board', '/d/:token/inbox', `${states.advised}/inbox`],
  ['desk', '/d/:token/desk', `${states.certify}/desk`],
  [
    'consent agenda',
    '/d/:token/desk/consent',
    `${states.certify}/desk/consent?body=council&change=acme.lpr.lookup/1&change=acme.lpr.portal/1`,
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
      ['form of a vendor', '/n/:token', `/n/${form?.token}`],
      ['form of a vendor, with faults', '/n/:token', `/n/${form?.token}`, 'form.card'],
      ['form of a vendor, sent', '/n/:token', `/n/${form?.token}?change=acme/1`],
    ]),
    ...entries(full.url, [
      ['register, very many', '/', '/'],
      ['on without permission, very many', '/on-without-permission', '/on-without-permission'],
      ['feature on without permission', '/features/:key', '/features/acme.product-1.feature-1'],
      ['numbers, very many', '/numbers', '/numbers'],
      ['calendar, very many', '/calendar', '/calendar'],
      ['feature, very long words', '/features/:key', `/features/${crowd.key}`],
      ['change, very long words', '/changes/:key/:n', `/changes/${crowd.key}/1`],
      ['to sign, very long words', '/d/:token', crowd.mayor],
      ['desk, very many', '/d/:token/desk', `${crowd.clerk}/desk`],
    ]),
    ...entries(bare.url, [
      ['register, empty', '/', '/'],
      ['calendar, empty', '/calendar', '/calendar'],
      ['numbers, empty', '/numbers', '/numbers'],
      ['rules, none', '/rules', '/rules'],
    ]),
    ...entries(keyed.url, [
      ['passkeys', '/d/:token/passkey', `${people.mayor}/passkey`],
      ['passkeys, to reset', '/d/:token/passkey/reset', `${people.clerk}/passkey/reset`],
      ['roster to confirm', '/d/:token', people.roster],
      ['roster to refuse', '/d/:token', people.refuse],
      ['roster that one refused', '/d/:token', people.refused],
      ['rules, a roster waits', '/rules', '/rules'],
      ['weekly mail', '/m/:token', people.weekly],
      ['to certify, a document is missing', '/d/:token', people.missing],
      ['to certify a second vote', '/d/:token', people.second],
    ]),
    ...entries(votes.url, [
      ['to vote', '/d/:token', vote],
      ['cannot be read, to switch off', '/d/:token', unread.open],
      ['cannot be read, receipt', '/d/:token', unread.done],
      ['register, one cannot be read', '/', '/'],
      ['feature that cannot be read', '/features/:key', '/features/acme.altered'],
      ['change that cannot be read', '/changes/:key/:n', '/changes/acme.altered/1'],
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
  const site = siteApp({ ...city.deps, outbox, checkpoint: () => '12', vkey: () => VKEY }).route('/', docs);
  const passkeys = passkeyApp({ ...city.deps, mailer: { send: async () => {}, close: async () => {} } });
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

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { makeVendorForm } from '../../../../functions/gate/vendors.ts';
import { PASSKEY_PAGES, SITE_PAGES } from '../../../../functions/web/routes/pages.ts';
import { OWN_FORM_NAMES } from '../../../../functions/web/site/official/decide/ownForms.ts';
import { UNCHANGED } from '../../../support/fixtures/vendor.ts';
import { type PasskeyCity, passkeyCity } from '../passkeys/world.ts';
import { certificate, decision, FILLED, ORIGIN, PEOPLE, refusalOf, roll, wordsOf } from './support/city.ts';

// What holds for every form: who may send it, that looking sends nothing, and what is refused in it.

type Fields = Readonly<Record<string, string | readonly string[]>>;
/** What is wrong, the fields that differ, the answer and, where a field is to blame, that. */
type Fault = readonly [what: string, over: Fields, status: number, pointer?: string];

/** A form as it is taken. `review`: the step before it, which refuses the same. */
interface Form {
  readonly path: string;
  readonly fields: Fields;
  readonly review?: string;
}

let city: PasskeyCity;
let forms: Readonly<Record<keyof typeof FAULTS, Form>>;
/** A link of each kind, by the beginning of its address. */
let tokens: Readonly<Record<string, string>>;

const openForms = async (): Promise<typeof forms> => {
  const changes: Received[] = [];
  for (const feature of ['acme', 'acme.second', 'acme.third', 'acme.signed', 'acme.ticked', 'acme.refused'])
    changes.push(await city.notify({ feature }));
  const [voted, second, third, signed, ticked, refused] = changes as [Received, Received, Received, Received, Received, Received];
  for (const change of [signed, ticked, refused]) await city.certify(change);
  await city.refuse(refused);
  const effectiveAt = '2026-03-01T00:00:00Z';
  await city.approve(await city.notify({ feature: 'acme.maps' }), { maintenance: 'yes' });
  const fix = await city.notify({ feature: 'acme.maps', kind: 'update', optOut: 'no', impact: UNCHANGED, effectiveAt });
  const on = await city.notify({ feature: 'acme.on' });
  await city.approve(on);
  await city.approve(await city.notify({ feature: 'acme.undone' }));
  const forced = await city.notify({ feature: 'acme.undone', kind: 'update', title: 'Forced', optOut: 'no', effectiveAt });
  await city.withdraw(forced);
  const { clerk } = await city.linksTo(voted);
  const mayor = await city.toMayor(signed);
  const [, box = ''] = /form="together" name="change" value="(acme\.ticked[^"]+)"/.exec(await city.page(`${mayor}/inbox`)) ?? [];
  const undone = { purpose: 'confirm-rollback', ...PEOPLE.clerk, key: 'acme.undone', n: 2, revision: 1 } as const;
  const weekly = await city.linkTo({ purpose: 'weekly', ...PEOPLE.mayor });
  const form = `/n/${(await makeVendorForm(city.ports, 'acme', 'P30D'))?.token}`;
  tokens = { '/d/': clerk.slice('/d/'.length), '/n/': form.slice('/n/'.length), '/m/': weekly.slice('/m/'.length) };
  const vote = { fileNumber: '26-0412', meetingDate: '2026-03-03', ...roll(3) };
  return {
    revoke: { path: `${await city.toMayor(on)}/revoke`, fields: { reason: 'Enough.' } },
    contest: { path: `${await city.toMayor(fix)}/contest`, fields: { reason: 'It stores faces.' } },
    'take-back': { path: `${await city.toMayor(refused)}/take-back`, fields: { reason: 'By mistake.' } },
    rollback: { path: await city.linkTo(undone), fields: { decision: 'confirm', reason: 'The old version runs.' } },
    weekly: { path: weekly, fields: { weekly: 'off' } },
    inbox: { path: `${clerk}/inbox`, fields: { change: second.change, requirement: 'council', seat: 'clerk' } },
    agenda: { path: `${clerk}/desk/agenda`, fields: { body: 'council', change: second.change } },
    links: { path: `${clerk}/desk/links`, fields: { holder: 'h1', generation: '1', action: 'reissue' } },
    notice: { path: form, fields: FILLED },
    signature: { path: mayor, fields: decision(signed), review: `${mayor}/review` },
    together: { path: `${mayor}/together`, fields: { change: [box], decision: 'approve' }, review: `${mayor}/together/review` },
    certificate: { path: clerk, fields: certificate(voted), review: `${clerk}/review` },
    consent: {
      path: `${clerk}/desk/consent`,
      fields: { body: 'council', ...wordsOf([second, third]), ...vote, mover: 'district-1' },
      review: `${clerk}/desk/review`,
    },
  };
};

const NO_REASONS: readonly Fault[] = [
  ['no reason', { reason: ' ' }, 422, '/reason'],
  ['a reason that is too long', { reason: 'x'.repeat(5001) }, 422, '/reason'],
];
const named = (change: string, end = '') => `${change};1;sha256:${'a'.repeat(64)};${end}`;

const FAULTS = {
  revoke: NO_REASONS,
  contest: NO_REASONS,
  'take-back': NO_REASONS,
  rollback: [
    ['no reason', { reason: ' ' }, 422, '/reason'],
    ...['', 'approve', 'refuse'].map((said): Fault => [`the decision “${said}”`, { decision: said }, 422, '/decision']),
  ],
  weekly: [
    ['another word', { weekly: 'maybe' }, 422],
    ['nothing', { weekly: [] }, 422],
  ],
  inbox: [
    ['a requirement of others', { requirement: 'mayor' }, 404],
    ['a seat of others', { seat: 'mayor' }, 404],
  ],
  agenda: [
    ['an unknown change', { change: 'acme/9' }, 422, '/change'],
    ['no change', { change: '' }, 422, '/change'],
    ['a body that does not vote', { body: 'mayor' }, 422, '/body'],
    ['no such body', { body: 'nobody' }, 422, '/body'],
  ],
  links: [
    ...['', '-1', '2'].map((generation): Fault => [`generation “${generation}”`, { generation }, 422, '/generation']),
    ['another action', { action: 'delete' }, 422, '/action'],
    ['no holder', { holder: '' }, 422, '/holder'],
    ['an unknown holder', { holder: 'nobody' }, 404],
    ['a holder for whom the clerk does not certify', { holder: 'hm' }, 409],
  ],
  notice: [
    ['another vendor’s feature', { feature: 'other.lpr' }, 422, '/feature'],
    ['the city’s own policy', { feature: 'aldergate.policy' }, 422, '/feature'],
    ['no feature', { feature: '' }, 422, '/feature'],
    ['a contract without an end', { kind: 'contract' }, 422, '/endsAt'],
    ['a last day that is none', { endsAt: '2026-02-30' }, 422, '/endsAt'],
    ['an effect in a year that nobody means', { effectiveAt: '0000-01-01' }, 422, '/effectiveAt'],
    ['an address with a script', { 'docUrl.2': 'javascript:alert(1)' }, 422, '/docUrl.2'],
    ['a sentence that is too long', { 'impact.cost.to': 'x'.repeat(501) }, 422, '/impact.cost.to'],
    ['no nonce', { nonce: '' }, 422, '/nonce'],
    ['an unknown step', { step: 'x' }, 422, '/step'],
    ['a revision of another feature', { revises: 'acme.zoom/1' }, 422, '/revises'],
    ['a revision of nothing', { revises: 'acme.lpr/7' }, 409, '/revises'],
    ['a removal that revises', { kind: 'removal', revises: 'acme.lpr/1' }, 422, '/revises'],
  ],
  signature: [
    ['no decision', { decision: '' }, 422, '/decision'],
    ['an unknown decision', { decision: 'perhaps' }, 422, '/decision'],
    ['an abstention', { decision: 'abstain' }, 422, '/decision'],
    ['a field sent twice', { decision: ['approve', 'refuse'] }, 422, '/decision'],
    ['another digest', { digest: `sha256:${'0'.repeat(64)}` }, 409],
    ['another revision', { revision: '2' }, 409],
    ['a date that is none', { until: '31 March' }, 422, '/until'],
    ['a first day in a year that nobody means', { from: '0026-04-01' }, 422, '/from'],
    ['a last day in a year that nobody means', { until: '0027-12-31' }, 422, '/until'],
    ['a vote of a seat', { 'vote.district-1': 'no' }, 422, '/vote.district-1'],
    ['a bidirectional override', { comment: 'a\u202eb' }, 422, '/comment'],
  ],
  together: [
    ['no change', { change: [] }, 422],
    ['more than forty', { change: Array.from({ length: 41 }, (_, n) => named(`acme.f${n}/1`)) }, 422],
    ['a change that is not named in full', { change: ['acme/1'] }, 422],
    ['a change twice', { change: ['', '0'].map((end) => named('acme/1', end.repeat(24))) }, 422],
    ['an abstention', { decision: 'abstain' }, 422],
  ],
  certificate: [
    ['no purpose', { purpose: '' }, 422, '/purpose'],
    ['a decision beside it', { decision: 'refuse' }, 422, '/decision'],
    ['a blank vote', { 'vote.district-1': '' }, 422, '/vote.district-1'],
    ['a blank vote and no file number', { 'vote.district-1': '', fileNumber: ' ' }, 422, '/fileNumber'],
    ['a seat of nobody', { 'vote.district-9': 'yes' }, 422, '/vote.district-9'],
    ['no file number', { fileNumber: ' ' }, 422, '/fileNumber'],
    ['a meeting to come', { meetingDate: '2026-03-04' }, 422, '/meetingDate'],
    ['a meeting before the revision', { meetingDate: '2026-03-01' }, 422, '/meetingDate'],
    ['a day that is none', { meetingDate: '2026-02-30' }, 422, '/meetingDate'],
    ['a correction that does not say why', { purpose: 'correct', comment: ' \n ' }, 422, '/comment'],
    ['a mover of no seat', { mover: 'somebody' }, 422, '/mover'],
    ['no quorum', { ...roll(2), 'vote.district-3': 'absent', 'vote.at-large': 'absent' }, 422],
  ],
  consent: [
    ['no change', { change: [] }, 422, '/change'],
    ['too many changes', { change: Array.from({ length: 41 }, (_, n) => `acme.f${n}/1`) }, 422, '/change'],
    ['a blank vote', { 'vote.district-2': '' }, 422, '/vote.district-2'],
    ['a date of one change that is none', { 'until.acme.second/1': 'soon' }, 422, '/until.acme.second/1'],
    ['a change without its digest', { 'digest.acme.second/1': '' }, 422, '/digest.acme.second/1'],
    ['no body', { body: '' }, 422, '/body'],
    ['another body', { body: 'board' }, 409],
    ['a meeting before the change was public', { meetingDate: '2020-03-03' }, 409],
    ['too much', { comment: 'x'.repeat(140_000) }, 413],
  ],
} as const satisfies Readonly<Record<string, readonly Fault[]>>;

beforeAll(async () => {
  city = await passkeyCity('when-enrolled');
  forms = await openForms();
});
afterAll(() => city.close());

const routesOf = (pages: Readonly<Record<string, object>>, method: 'GET' | 'POST') =>
  Object.entries(pages).flatMap(([path, methods]) => (method in methods ? [path] : []));
const filled = (route: string) =>
  route
    .replace('{token}', tokens[route.slice(0, 3)] ?? '')
    .replace(/\{key\}|\{id\}/, 'acme')
    .replace('{n}', '1');

test.each([...routesOf(SITE_PAGES, 'POST'), ...routesOf(PASSKEY_PAGES, 'POST')])(
  'POST %s is for the gate’s own pages alone',
  async (route) => {
    const app = route in SITE_PAGES ? city.app : city.pages;
    const before = { ...city.writes };
    const send = async (headers: Record<string, string>, method = 'POST') => {
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const body = method === 'POST' ? { body: 'reason=x' } : {};
      return app.request(`${ORIGIN}${filled(route)}`, { method, headers: { ...type, ...headers }, ...body });
    };
    for (const origin of ['https://evil.example', 'null', `${ORIGIN}.evil.example`]) {
      const refused = await send({ origin, 'sec-fetch-site': 'same-origin' });
      expect(refused.status, origin).toBe(403);
      expect(await refused.text()).toContain(ORIGIN);
    }
    // The link on the page leads to the site's own address, where the form works.
    const [own = '/'] = /^\/[dmn]\/[^/]+/.exec(filled(route)) ?? [];
    const page = await (await send({ origin: 'https://evil.example', accept: 'text/html' })).text();
    expect(page).toContain(`<p><a href="${ORIGIN}${own}">`);
    for (const site of ['cross-site', 'same-site', 'none'])
      expect((await send({ 'sec-fetch-site': site })).status, site).toBe(403);
    expect((await send({})).status).toBe(403);
    expect((await send({ origin: ORIGIN, 'content-type': 'application/json' })).status).toBe(415);
    expect((await send({}, 'PUT')).status).toBe(405);
    expect(city.writes).toEqual(before);
  },
);

test('GET and HEAD write nothing at all', async () => {
  const before = { ...city.writes };
  for (const [app, pages] of [
    [city.app, SITE_PAGES],
    [city.pages, PASSKEY_PAGES],
  ] as const)
    for (const route of routesOf(pages, 'GET'))
      for (const method of ['GET', 'HEAD']) {
        const answer = await app.request(`${ORIGIN}${filled(route)}`, { method, headers: { accept: 'text/html' } });
        expect(answer.status, `${method} ${route}`).toBeLessThan(500);
      }
  expect(city.writes).toEqual(before);
});

/** What the summary of a refused form leaves out: a field with a fault that it does not lead to, or the order of the form. */
const OWN_PREFIX = new RegExp(`^(?:${OWN_FORM_NAMES.join('|')}|[a-z]+)-`);
const notLed = (page: string, pointer: string | undefined) => {
  const id = pointer?.slice(1).replaceAll(/[^A-Za-z0-9]+/g, '-');
  const fields = [...page.matchAll(/<(?:input|select|textarea|button) [^>]*?id="([^"]+)"/g)].map(([, own = '']) => own);
  const led = [...page.matchAll(/<li><a href="#([^"]+)">/g)].map(([, to = '']) => to);
  const places = led.map((to) => fields.indexOf(to));
  return [
    ...fields.filter((field) => id !== undefined && field.replace(OWN_PREFIX, '') === id && !led.includes(field)),
    ...(places.every((place, index) => index === 0 || place >= (places[index - 1] ?? 0)) ? [] : [`not in order: ${led.join()}`]),
  ];
};

const COLOUR: Fault = ['an unknown field', { colour: 'red' }, 422, '/colour'];

test('each form by which one person alone acts is among them', () => {
  expect(OWN_FORM_NAMES.filter((name) => !(name in FAULTS && `/d/{token}/${name}` in SITE_PAGES))).toEqual([]);
});

describe.each(Object.keys(FAULTS) as (keyof typeof FAULTS)[])('%s refuses, and records nothing of it:', (name) => {
  const faults: readonly Fault[] = [COLOUR, ...FAULTS[name]];
  test.each(faults.map((fault) => [fault[0], fault] as const))('%s', async (_, [, over, status, pointer]) => {
    const { path, fields, review } = forms[name];
    const { commits } = city.writes;
    const sent = { ...fields, ...over };
    const answers = await Promise.all([path, ...(review === undefined ? [] : [review])].map((to) => city.post(to, sent)));
    const [refused] = await Promise.all(answers.map((answer) => refusalOf(answer.clone())));
    expect(refused?.[0]).toBe(status);
    if (pointer !== undefined) expect(refused).toContain(pointer);
    const [first, ...others] = await Promise.all(answers.map((answer) => answer.text()));
    for (const other of others) expect(other).toBe(first);
    const page = await city.post(path, sent, { accept: 'text/html' });
    expect([page.status, page.headers.get('content-type')]).toEqual([status, expect.stringMatching(/^text\/html/)]);
    expect(notLed(await page.text(), pointer)).toEqual([]);
    expect(city.writes.commits).toBe(commits);
  });
});

const pageOf = (path: string) =>
  path.replace(new RegExp(`/(?:${OWN_FORM_NAMES.join('|')})$|(?<=/desk)/\\w+$`), '').replace(/\/together$/, '/inbox');
const titleOf = (page: string) => /<title>([^<]*)/.exec(page)?.[1] ?? '';

test('a refusal is in the language of its reader throughout', async () => {
  const { path, fields } = forms.signature;
  const sent = { ...fields, digest: `sha256:${'0'.repeat(64)}` };
  const page = await city.answered(`${path}?lang=es`, sent);
  expect(page).toMatch(/<li>Lo que usted iba a decidir ha cambiado: [^<]+<\/li>/);
  expect(page).not.toContain('another digest');
});

/** The switch to the other language, if it sends fields: where to, and which. */
const switchOf = (page: string) => {
  const [, to, fields = ''] = /<form class="lang" method="post" action="([^"]+)">(.*?)<button/s.exec(page) ?? [];
  return { to, sent: [...fields.matchAll(/ name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]) };
};
const pairsOf = (fields: Fields) => Object.entries(fields).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));

test('to read a form in the other language loses nothing of what was sent, and decides nothing', async () => {
  const { commits } = city.writes;
  const { notice, signature, together, certificate: record, consent, revoke } = forms;
  const steps: readonly (readonly [path: string | undefined, fields: Fields])[] = [
    [notice.path, { ...notice.fields, title: '', step: 'check' }],
    [notice.path, { ...notice.fields, step: 'change' }],
    [record.path, { ...record.fields, edit: 'yes' }],
    [record.review, { ...record.fields, fileNumber: '' }],
    ...[signature, together, record, consent].map(({ review, fields }) => [review, fields] as const),
  ];
  for (const [path = '', fields] of steps) {
    const { to = '', sent } = switchOf(await city.answered(path, fields));
    expect([to, sent]).toEqual([`${path}?lang=es`, pairsOf(fields)]);
    const page = await city.answered(to, fields);
    expect([page.includes('<html lang="es"'), switchOf(page)]).toEqual([true, { to: `${path}?lang=en`, sent }]);
  }
  const sends = [revoke.path, record.path, notice.path].map((path) => [path, { step: '' }] as const);
  for (const [path, fields] of [...sends, [consent.path, { edit: 'yes' }] as const])
    expect(switchOf(await city.answered(path, fields)).to).toBeUndefined();
  expect(city.writes.commits).toBe(commits);
});

test('each of them is taken as it is otherwise, and the title of the next page is another: it is what is read out first', async () => {
  for (const [name, { path, fields }] of Object.entries(forms)) {
    const before = titleOf(await city.page(pageOf(path)));
    const answer = await city.post(path, fields, { accept: 'text/html' });
    expect([name, answer.status]).toEqual([name, name === 'together' ? 200 : 303]);
    const location = answer.headers.get('location');
    const after = titleOf(location === null ? await answer.text() : await city.page(location));
    expect(after, name).toMatch(/\S/);
    expect(after, name).not.toBe(before);
  }
});

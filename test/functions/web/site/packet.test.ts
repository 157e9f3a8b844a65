import { beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { qrCode } from '../../../../functions/web/site/official/packet.ts';
import { expectIn } from '../../../support/texts.ts';
import {
  BALLOTS,
  BOARD,
  COUNCIL,
  cityForEach,
  cityForTest,
  MAYOR,
  POLICY,
  ROSTER,
  refusalOf,
  requiring,
  SEATS,
} from './support/city.ts';

const VOTING_BOARD = { ...ROSTER, bodies: { ...ROSTER.bodies, board: { ...ROSTER.bodies.board, attestedBy: 'clerk' } } };

let change: Received;
const city = cityForEach();
beforeEach(async () => {
  change = await city.notify();
});

describe('a packet', () => {
  test('has the draft with the file number blank, exact digests, the impacts, the roll call and the way back', async () => {
    const packet = await city.page('/changes/acme/1/packet');
    expect(packet).toContain('<h2>Draft resolution of the City Council</h2>');
    expect(packet).toMatch(/<b>File number<\/b> <span class="line"><span class="visually-hidden">to be filled in<\/span>/);
    expect(packet.split(change.digest).length - 1).toBe(2);
    expect(packet.match(/<tr><th scope="row">Council member/g)?.length).toBe(SEATS.length);
    expect(packet.match(/<td class="box"><\/td>/g)?.length).toBe(SEATS.length * 6);
    expect(packet.match(/class="impact"/g)?.length).toBe(1);
    expectIn(packet, '3 yes votes of 4 are needed.', 'A vote counts if the meeting is on March 3, 2026 or later.');
    expect(packet).toMatch(/<svg class="qr" role="img" aria-label="[^"]*https:\/\/gate\.example\/changes\/acme\/1"/);
    expect(packet).toContain('<p>https://gate.example/changes/acme/1</p>');
    expect(packet).not.toMatch(/<form|<input|<script/);
  });

  test('for several changes: one resolution, one roll call, an annex for each, in the order in which they are named', async () => {
    await city.notify({ feature: 'acme.lpr', title: 'Plate reader' });
    const packet = await city.page('/packet?body=council&change=acme.lpr/1&change=acme/1&change=acme.lpr/1&utm_source=x');
    expect(packet.match(/Roll call of the City Council/g)?.length).toBe(1);
    expect(packet).toMatch(/Annex 1: acme\.lpr\/1[\s\S]*Annex 2: acme\/1/);
    expect(packet).toContain('approves the changes below');
    expect(packet).toContain('has sent notice of what is listed below');
    expect(packet.match(/class="qr"/g)?.length).toBe(2);
  });

  test('without a vote at a meeting says who must approve, and not who only gives advice', async () => {
    const own = await cityForTest({ policy: requiring(...(BALLOTS.rules[0]?.require ?? []), BOARD) });
    await own.notify();
    await own.shows('/changes/acme/1/packet', 'These must approve: the City Council and the mayor.');
  });

  test('terms that are set are printed, others are lines to fill', async () => {
    expect((await city.page('/changes/acme/1/packet')).match(/class="line long"/g)?.length).toBe(2);
    await city.certify(change, { conditions: 'Kept for 21 days.' });
    await city.refuse(change);
    const packet = await city.page('/changes/acme/1/packet');
    expect(packet).toContain('Kept for 21 days.');
    expect(packet).not.toContain('class="line long"');
  });

  test('has no draft for a body that has voted; for its second vote, alone then, the number that this needs', async () => {
    const [mayor, other] = [
      { ...MAYOR, override: { ...MAYOR.override, yes: 4 } },
      { ...COUNCIL, id: 'other', body: 'board', quorum: 1 },
    ];
    const own = await cityForTest({ policy: requiring(COUNCIL, mayor, other), roster: VOTING_BOARD });
    const asked = await own.notify();
    const packet = '/changes/acme/1/packet';
    await own.says(packet, '3 yes votes of 4 are needed.');
    await own.certify(asked);
    await own.omits(packet, 'Draft resolution of the City Council');
    await own.refuse(asked);
    await own.says(packet, 'Draft resolution of the City Council', '4 yes votes of 4 are needed.');
    await own.omits(packet, 'Draft resolution of the Privacy Board');
  });

  test('of a closed change states that; in Spanish it is Spanish', async () => {
    await city.certify(change, { 'vote.district-1': 'no' });
    await city.shows('/changes/acme/1/packet', 'This change is closed: refused.');
    await city.shows('/changes/acme/1/packet?lang=es', 'Proyecto de resolución');
  });
});

test.each([
  ['/packet', 400, '/change'],
  ['/packet?change=flock', 400, '/change'],
  ['/packet?change=a..b/1', 400, '/change'],
  ['/packet?change=../../etc/passwd/1', 400, '/change'],
  ['/packet?change=acme/7', 404],
  ['/changes/%3Cscript%3E/1/packet', 400, '/key'],
  [`/packet?${Array.from({ length: 41 }, (_, index) => `change=acme.f${index}/1`).join('&')}`, 400, '/change'],
  ['/changes/acme/1?revision=9', 400, '/revision'],
])('%s is %i', async (path, ...refusal) => {
  const answer = await city.get(path, { accept: 'application/json' });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await refusalOf(answer)).toEqual(refusal.filter((part) => part !== undefined));
});

test('a QR code is square, has its quiet zone, and its label is text', async () => {
  const svg = String(await qrCode('https://gate.example/changes/a/1', '"><script>'));
  const size = Number(/viewBox="0 -.5 (\d+) \1"/.exec(svg)?.[1]);
  // Version 1 has 21 modules a side, each further one four more; four free modules stand on either side.
  expect((size - 8 - 17) % 4).toBe(0);
  // The finder pattern: seven dark modules along the top edge of the corner.
  expect(svg).toContain('d="M4 4h7m');
  // A packet has forty.
  expect(svg.length).toBeLessThan(2_048);
  expect(svg).not.toContain('<script');
});

test('a draft says who decides first', async () => {
  const first = { ...COUNCIL, id: 'first', body: 'board', quorum: 1 };
  const policy = requiring(first, { ...COUNCIL, after: ['first'] }, MAYOR);
  const ordered = await cityForTest({ policy, roster: VOTING_BOARD });
  await ordered.notify();
  await ordered.shows('/changes/acme/1/packet', '<p>Only after the Privacy Board.</p>');
});

test('form, inbox, desk, packet and page name the first day of a second vote that the rule gives; before, no form asks for it', async () => {
  const later = JSON.stringify(POLICY).replace(/"within":"\w+"/, '"within":{"notBefore":"P2D","notAfter":"P30D"}');
  const own = await cityForTest({ policy: JSON.parse(later) });
  const asked = await own.notify();
  await own.certify(asked);
  await own.refuse(asked);
  const { clerk } = await own.linksTo(asked);
  const member = await own.link('h1', 'council', asked);
  for (const path of [clerk, member, '/changes/acme/1']) await own.says(path, 'A second vote counts from March 5, 2026');
  await own.says(`${clerk}/inbox`, 'Can be decided from March 5, 2026.');
  const second = 'The second vote that overturns the refusal';
  await own.omits(clerk, second);
  await own.says(`${clerk}/desk`, 'March 5, 2026 or later');
  own.passDays(2);
  await own.says(clerk, second);
  for (const path of [clerk, '/changes/acme/1/packet']) await own.says(path, 'March 5, 2026 or later');
});

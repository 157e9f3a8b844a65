import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Certify } from '../../../domain/feature/decide/certificate.ts';
import type { Confirm } from '../../../domain/feature/decide/confirm.ts';
import type { Advise, CastBallot, Sign } from '../../../domain/feature/decide/sign.ts';
import { featureDecider } from '../../../domain/feature/decide.ts';
import { decisionToSign } from '../../../domain/feature/decisionToSign.ts';
import { FeatureEvent } from '../../../domain/feature/events.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { type Assertion, challengeOf } from '../../../domain/kernel/assertion.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { type Lies, type SoftwareKey, softwareKey } from '../../support/authenticator.ts';
import { byBallots, thirteenSeats, withAdvice } from '../../support/fixtures/city.ts';
import { passed, under } from './story.ts';
import {
  adoption,
  advise,
  ballot,
  certify,
  confirm,
  day,
  inForce,
  notify,
  type Over,
  override,
  revoke,
  sign,
} from './support.ts';

const GATE = 'https://gate.example';
const asking = (base: Policy, passkeys: Policy['passkeys'] = 'required') => under({ policy: inForce({ ...base, passkeys }) });
const required = asking(thirteenSeats);
const ballots = asking(byBallots);
const heard = asking(withAdvice);

type Deciding = Certify | Sign | CastBallot | Advise | Confirm;

/** Signed over `signed`, by default over the command itself. */
const attested = <C extends Deciding>(
  command: C,
  seat: string,
  {
    key = softwareKey(GATE),
    signed = command,
    lies = {},
    over = {},
  }: { key?: SoftwareKey; signed?: Deciding; lies?: Lies; over?: Partial<Assertion> } = {},
): C => {
  const { at, zone: _zone, roster: _roster, policy: _policy, assertion: _assertion, ...request } = signed;
  const issued = { gate: GATE, nonce: 'AAAAAAAAAAAAAAAAAAAAAA', expiresAt: new Date(Date.parse(at) + 600_000).toISOString() };
  const challenge = challengeOf(decisionToSign('acme', seat, request, issued));
  const { clientDataJSON, authenticatorData, signature } = key.get(challenge, lies).response;
  const { id: credential, algorithm, publicKey } = key;
  const enrolled = { at: day(0), by: 'link' as const };
  return {
    ...command,
    assertion: { credential, algorithm, publicKey, enrolled, ...issued, clientDataJSON, authenticatorData, signature, ...over },
  };
};

const signed = (over: Over<Sign> = {}) => sign(day(11), 1, over);

const passedWith = (over: Over<Certify> = {}) => required.notified().then(attested(certify(day(10), 1, over), 'clerk'));
const conditions = { terms: { ...NO_TERMS, conditions: 'Kept for 30 days.' } };

describe('under a policy that requires passkeys', () => {
  test.each([
    ['certifies', certify(day(10), 1, { comment: digestOf('why') }), 'clerk', required.notified()],
    ['signs', signed(conditions), 'mayor', passedWith(conditions)],
    ['refuses', signed({ decision: 'refuse' }), 'mayor', passedWith()],
    ['ballots', ballot(day(10), 1, 'district-1'), 'district-1', ballots.notified()],
    ['advises', advise(day(10), 1, 'board-1'), 'board-1', heard.notified()],
  ])('nobody %s by a link alone; who does with one is recorded with it, once', (_, command, seat, story) => {
    const proven = attested(command, seat);
    const told = story.refuses(command, 'passkey-required').then(proven);
    const event = told.events.find((each) => 'holder' in each && each.holder === command.holder);
    expect(event).toMatchObject({ assertion: proven.assertion });
    expect(FeatureEvent.parse(JSON.parse(canonical(event as never)))).toStrictEqual(event);
    told.yields(attested(command, seat));
  });

  test('the certificate of an override is confirmed with one, and by a link alone it is not', () => {
    const waiting = passedWith()
      .then(attested(signed({ decision: 'refuse' }), 'mayor'))
      .then(attested(override(day(12), 1), 'clerk'));
    const command = confirm(day(13), 1, waiting.state.changes[0]?.confirmation?.act ?? '');
    waiting.refuses(command, 'passkey-required').then(attested(command, 'at-large-a')).is('enabled', day(13));
  });

  test.each(['ES256', 'EdDSA', 'RS256'] as const)('a key of %s will do, and a revocation waits for none', (algorithm) => {
    passedWith()
      .then(attested(signed(), 'mayor', { key: softwareKey(GATE, algorithm) }))
      .yields(revoke(day(20), 1), 'ApprovalRevoked');
  });
});

test('what was pinned binds: a policy adopted since asks nothing of an open change, and forgives nothing', () => {
  const rules = (passkeys: 'off' | 'required', number: number) => ({ policy: inForce({ ...thirteenSeats, passkeys }, number) });
  const told = under({}).tell(notify(day(0), 1, rules('off', 1)), certify(day(10), 1, rules('off', 1)));
  told.then(sign(day(11), 1, rules('required', 2)));
  const strict = under({}).tell(notify(day(0), 1, rules('required', 1)));
  strict.refuses(certify(day(10), 1, rules('off', 2)), 'passkey-required');
});

test('where passkeys are asked of those who have one, only of them', () => {
  const open = asking(thirteenSeats, 'when-enrolled').notified();
  const [vote, signature] = adoption(1) as readonly [Certify, Sign];
  open.refuses({ ...vote, enrolled: true }, 'passkey-required');
  const there = open.then({ ...vote, enrolled: false }).refuses({ ...signature, enrolled: true }, 'passkey-required');
  there.then(attested(signature, 'mayor'));
  there.then({ ...signature, enrolled: false }).is('enabled', day(11));
});

test('where nothing is required an assertion that proves nothing is refused anyway', () => {
  passed()
    .refuses(attested(signed(), 'mayor', { lies: { verified: false } }), 'passkey-refused')
    .then(attested(signed(), 'mayor'))
    .is('enabled', day(11));
});

describe('refused is an assertion', () => {
  const other = (over: Over<Sign>) => ({ signed: signed(over) });
  const rows: readonly [string, Parameters<typeof attested>[2]][] = [
    ['on another revision', other({ revision: 2 })],
    ['on other words', other({ digest: digestOf('other words') })],
    ['on another change', { signed: { ...signed(), change: 2 } }],
    ['of another decision', other({ decision: 'refuse' })],
    ['on other terms', other({ terms: { ...NO_TERMS, conditions: 'None.' } })],
    ['with another message', other({ comment: digestOf('another') })],
    ['in another requirement', other({ requirement: 'council' })],
    ['by another holder', other({ holder: 'clerk' })],
    ['from another origin', { lies: { origin: 'https://gate.example.org' } }],
    ['from a frame of another origin', { lies: { crossOrigin: true } }],
    ['for another party', { lies: { rpId: 'example' } }],
    ['of another ceremony', { lies: { type: 'webauthn.create' } }],
    ['with nobody there', { lies: { present: false } }],
    ['without user verification', { lies: { verified: false } }],
    ['under another key', { over: { publicKey: softwareKey(GATE).publicKey } }],
    ['under a key of another kind', { over: { algorithm: 'EdDSA' } }],
    ['given out by another gate', { over: { gate: 'https://other.example' } }],
    ['with another nonce', { over: { nonce: 'BBBBBBBBBBBBBBBBBBBBBA' } }],
    ['whose time was lengthened', { over: { expiresAt: day(12) } }],
    ['that is no client data', { over: { clientDataJSON: Buffer.from('[]').toString('base64url') } }],
    ['that is no authenticator data', { over: { authenticatorData: 'AAAA' } }],
  ];
  test.each(rows)('%s', (_, options) => {
    passedWith().refuses(attested(signed(), 'mayor', options), 'passkey-refused');
  });

  test('under its own key in another spelling', () => {
    const key = softwareKey(GATE);
    const spki = Buffer.from(key.publicKey, 'base64url');
    // SPKI of P-256: 26 bytes of header, then 04 and the two coordinates of the point (SEC 1, section 2.3.3).
    const [header, x, y] = [spki.subarray(0, 26), spki.subarray(27, 59), spki.subarray(59)];
    const parity = (y[31] ?? 0) & 1;
    const hybrid = Buffer.concat([header, Buffer.of(6 + parity), x, y]);
    const short = Buffer.from(header);
    [short[1], short[24]] = [0x39, 0x22];
    const compressed = Buffer.concat([short, Buffer.of(2 + parity), x]);
    for (const spelling of [hybrid, compressed]) {
      expect(createPublicKey({ key: spelling, format: 'der', type: 'spki' }).asymmetricKeyType).toBe('ec');
      const over = { publicKey: spelling.toString('base64url') };
      passedWith().refuses(attested(signed(), 'mayor', { key, over }), 'passkey-refused');
    }
  });

  test('of another seat, and one that came too late', () => {
    passedWith()
      .refuses(attested(signed(), 'clerk'), 'passkey-refused')
      .refuses({ ...attested(signed(), 'mayor'), at: day(11, '12:10:00.001') }, 'passkey-refused');
  });

  const command = certify(day(10), 1);
  test.each([
    { votes: { ...command.votes, 'district-1': 'no', 'district-9': 'yes' } },
    { fileNumber: '26-9999' },
    { meetingDate: '2026-03-10' },
    { seconder: 'district-2' },
    { purpose: 'correct' as const },
    { minutesUrl: 'https://city.example/m' },
  ])('on another certificate: %j', (change) => {
    required.notified().refuses(attested(command, 'clerk', { signed: { ...command, ...change } }), 'passkey-refused');
  });

  test('with a bit of any byte of it changed', () => {
    const story = passedWith();
    const proven = attested(signed(), 'mayor');
    const rules = { policy: inForce({ ...thirteenSeats, passkeys: 'required' as const }) };
    for (const part of ['authenticatorData', 'clientDataJSON', 'signature', 'publicKey'] as const) {
      const bytes = Buffer.from(proven.assertion?.[part] ?? '', 'base64url');
      for (let bit = 0; bit < bytes.length * 8; bit += 7) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const assertion = { ...proven.assertion, [part]: flipped.toString('base64url') } as Assertion;
        const decided = featureDecider.decide({ ...proven, ...rules, assertion }, story.state);
        expect(decided, `bit ${bit} of ${part}`).toMatchObject({ ok: false, rejection: { code: 'passkey-refused' } });
      }
    }
  });
});

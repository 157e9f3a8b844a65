import { council, mayor, policy, rule, signature } from '../../../support/fixtures/city.ts';
import { attach, certify, day, notify, sign } from '../../feature/support.ts';
import { edited, of, tampered } from '../forger.ts';
import { city, type Log } from '../log.ts';
import type { Forgery } from './base.ts';

const REPORT = 'a report';
const both = [signature('mayor'), signature('auditor')];
const asking = policy(
  rule(both, { when: { key: ['acme.**'] }, documents: ['report'] }),
  rule([council(), mayor()], { id: 'rest' }),
);

/** A document attached to a change whose rule asks for it. */
const attached = ({ by = 'operator', kept = true }: { readonly by?: string; readonly kept?: boolean } = {}): Log => {
  const log = kept ? city(asking).document(REPORT, day(0)) : city(asking);
  return log.feat(notify(day(0), 1), attach(day(1), 1, 'report', REPORT, { by }));
};

const attachment = () => attached().last;

/** Forgeries of documents: none there, not asked for, not the sender’s to send. */
export const DOCUMENTS: readonly Forgery[] = [
  ['a document whose bytes are nowhere', 'document', () => attached({ kept: false })],
  ['a document that no rule asks for', 'document', () => edited(attached(), of('DocumentAttached', { kind: 'menu' }))],
  ['a document of another length', 'document', () => edited(attached(), of('DocumentAttached', { bytes: 7 }))],
  ['a document in the name of another', 'actor', () => edited(attached(), of('DocumentAttached', { by: 'token:other' }))],
  ['a document by who may not attach one', 'actor', () => attached({ by: 'token:other' })],
  [
    'a document that its vendor’s notice does not name',
    'document',
    () => tampered(edited(attached(), of('DocumentAttached', { by: 'vendor:acme' })), { actor: 'vendor:acme' }),
  ],
  ['a document to words that do not stand', 'other-words', () => edited(attached(), of('DocumentAttached', { revision: 2 }))],
  ['the same document twice', 'already-decided', () => attached().write('feature/acme', attachment().events, attachment())],
  [
    'a document after somebody approved',
    'already-decided',
    () => {
      const log = attached().feat(sign(day(2), 1));
      const event = { ...attachment().events[0], at: day(3), sha256: attachment().events[0]?.['digest'] };
      return log.write('feature/acme', [event], { at: day(3), actor: 'operator' });
    },
  ],
  [
    'a document to a change that is closed',
    'closed',
    () => {
      const log = city(policy(rule([council(), mayor()])))
        .document(REPORT, day(0))
        .feat(notify(day(0), 1), certify(day(10), 1), sign(day(11), 1));
      return log.write('feature/acme', [{ ...attachment().events[0], at: day(12) }], { at: day(12), actor: 'operator' });
    },
  ],
];

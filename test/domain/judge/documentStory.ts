import { digestOf } from '../../../domain/kernel/canonical.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { attach, certify, day, facts, notify, revise, sign, wordsOf } from '../feature/support.ts';
import { city, type Log } from './log.ts';

const REPORT = 'what the cameras change';
const asking = policy(
  rule([council(), mayor()], { when: { key: ['acme.**'] }, documents: ['impact-report'] }),
  rule([council(), mayor()], { id: 'rest' }),
);

/** A document that the rule asks for: kept, attached by the city, and anew to the next revision by its vendor, whose notice names it. */
export const documented = (): Log => {
  const named = {
    title: 'Report',
    kind: 'impact-report',
    url: 'https://vendor.example/report',
    sha256: digestOf(REPORT).slice(7),
  };
  const notice = facts({ documents: [named] });
  const second = { revision: 2, digest: wordsOf(1, 2) };
  return city(asking)
    .token('desk', null)
    .document(REPORT, day(0), 'token:desk')
    .feat(notify(day(0), 1), attach(day(1), 1, 'impact-report', REPORT, { by: 'token:desk' }))
    .feat(revise(day(2), 1, 2, { notice }))
    .feat(attach(day(3), 1, 'impact-report', REPORT, { ...second, by: 'vendor:acme', documents: [named] }))
    .feat(certify(day(12), 1, second), sign(day(13), 1, second));
};

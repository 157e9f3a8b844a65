import { digestOf } from '../../../domain/kernel/canonical.ts';
import { type Redaction, type RedactionCommand, redactionDecider, redactionStream } from '../../../domain/redaction/decide.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { attach, certify, day, facts, notify, revise, sign, wordsOf } from '../feature/support.ts';
import { city, type Log } from './log.ts';

const comment = digestOf('a comment');
type Named = Pick<Redaction, 'what' | 'stream' | 'version' | 'key' | 'change' | 'revision' | 'commitment'>;
const COMMENT: Named = {
  what: 'text',
  stream: 'feature/acme',
  version: 2,
  key: 'acme',
  change: 1,
  revision: 1,
  commitment: comment,
};

const order = (at: string) => ({ at, by: 'token:records', authority: 'Records Act', fileNumber: '26-7' });

const ordersAbout = (about: Named) => {
  const { commitment, key, change, revision } = about;
  const ordered = (log: Log, command: RedactionCommand) =>
    log.decide(redactionStream(commitment), redactionDecider, command, { at: command.at, actor: 'token:records' });
  return {
    withhold: (log: Log, at: string, everywhere = false, fileNumber = '26-7') =>
      ordered(log, { type: 'withholdText', ...about, everywhere, reason: 'mistake', ...order(at), fileNumber }),
    disclose: (log: Log, at: string) => ordered(log, { type: 'discloseText', commitment, key, change, revision, ...order(at) }),
  };
};
export const { withhold, disclose } = ordersAbout(COMMENT);

/** A vote whose certificate has a comment, and the mayor's token for records. */
export const commented = (log = city()): Log =>
  log.token('records', 'mayor', 'admin').feat(notify(day(0), 1), certify(day(10), 1, { comment }));

/** What a commit names, withheld, shown again, withheld by two orders and everywhere, on day `from`; by default a vote's comment. */
export const redacted = (log: Log, about: Named = COMMENT, from = 12): Log => {
  const { withhold: hide, disclose: show } = ordersAbout(about);
  const again = hide(show(hide(log, day(from)), day(from)), day(from));
  return hide(hide(again, day(from), false, '26-8'), day(from), true);
};

/** The first reason in a stream, {@link redacted} from day `from` on. */
export const reasonRedacted = (log: Log, named: Pick<Named, 'stream' | 'key' | 'change'>, from: number): Log => {
  const [found] = log.commits.flatMap(({ stream, version, events: [event] }) =>
    stream === named.stream && typeof event?.['reason'] === 'string' ? [{ version, commitment: event['reason'] }] : [],
  );
  if (found === undefined) throw new Error(`${named.stream} names no reason`);
  const about = { ...named, ...found, what: 'text', revision: null } as const;
  return redacted(log.token('records', 'mayor', 'admin', day(from)), about, from);
};

export const REPORT = 'what the cameras change';
export const asking = policy(
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

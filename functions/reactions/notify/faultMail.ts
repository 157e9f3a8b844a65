import { digestOf } from '../../../domain/kernel/digest.ts';
import { fillCount, fillText } from '../../platform/catalogue.ts';
import type { HealthCode, HealthProblem } from '../../platform/health.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import type { Draft, Recipient } from './draft.ts';
import type { NotifyPorts } from './ports.ts';
import { post } from './post.ts';
import { clerksAndIt } from './recipients.ts';

/** These show an altered or incomplete history, which concerns the clerks as well as the operator. */
const MAILED_CODES: readonly HealthCode[] = [
  'schema-changed',
  'file-exchanged',
  'row-altered',
  'record-altered',
  'judge-failed',
  'log-conflict',
  'other-keys',
];

/** Side kind: problems that were mailed, by a digest; removed once the problem is gone. */
const MAILED = 'fault-mailed';
const LISTED_MAX = 20;

const nameOf = ({ code, detail }: HealthProblem): string => digestOf(`${code} ${detail}`).slice('sha256:'.length);

const faultLetter = (words: MailWords, faults: readonly HealthProblem[], { zone, url }: NotifyPorts): Letter => {
  const listed = faults
    .slice(0, LISTED_MAX)
    .map(({ code, since, detail }) => fillText(words.fault.one, { code, when: mailTimes(words, zone).dateTime(since), detail }));
  const more = faults.length > LISTED_MAX ? [fillText(words.weekly.more, { n: faults.length - LISTED_MAX })] : [];
  return {
    subject: fillCount(words.locale, words.fault, 'subject', faults.length),
    paragraphs: [
      words.fault.lead,
      { list: [...listed, ...more] },
      words.fault.means,
      words.fault.todo,
      words.fault.once,
      { text: words.fault.page, url: `${url}/` },
    ],
  };
};

/** The roster, which names the clerks, may be what cannot be read. */
const recipientsOf = (ports: NotifyPorts): Promise<readonly Recipient[]> =>
  ifReadable(clerksAndIt(ports), () => (ports.itMail === undefined ? [] : [{ itMail: ports.itMail }]));

/**
 * Mails the clerks and IT about altered records and logs: once for each problem, and again if it was gone in between. Throws when no
 * mail can leave; the next run continues.
 */
export const mailFaults = async (ports: NotifyPorts, problems: readonly HealthProblem[]): Promise<void> => {
  const present = new Map(problems.filter(({ code }) => MAILED_CODES.includes(code)).map((fault) => [nameOf(fault), fault]));
  const mailed = new Set((await ports.sideStore.list(MAILED)).map(({ id }) => id));
  for (const id of mailed) if (!present.has(id)) await ports.sideStore.remove(MAILED, id);
  const fresh = [...present].filter(([name]) => !mailed.has(name));
  if (fresh.length === 0) return;
  const faults = fresh.map(([, fault]) => fault);
  const event = `fault/${digestOf(fresh.map(([name, { since }]) => `${name} ${since}`).join('\n'))}`;
  const write = (words: MailWords): Letter => faultLetter(words, faults, ports);
  const drafts = (await recipientsOf(ports)).map((to): Draft => ({ to, purpose: 'fault', write }));
  await post(ports, event, drafts);
  for (const [name] of fresh) await ports.sideStore.put(MAILED, name, { at: ports.clock() });
};

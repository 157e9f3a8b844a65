import { digestOf } from '../../../domain/kernel/canonical.ts';
import { fillCount, fillText } from '../../platform/catalogue.ts';
import type { HealthCode, HealthProblem } from '../../platform/health.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { listSlot } from './letters.ts';
import { attempt, clerksAndIt, draftsTo, type NotifyPorts, type Recipient } from './post.ts';

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

const nameOf = ({ code, detail }: HealthProblem): string => digestOf(`${code} ${detail}`).slice('sha256:'.length);

/** The roster, which names the clerks, may be what cannot be read. */
const recipientsOf = (ports: NotifyPorts): Promise<readonly Recipient[]> =>
  ifReadable(clerksAndIt(ports), () => (ports.itMail === undefined ? [] : [{ itMail: ports.itMail }]));

/**
 * Mails the clerks and IT about altered records and logs: once for each problem, and again if it was gone in between. Throws when no
 * mail can leave; the next run continues, and tries again what was refused.
 */
export const mailFaults = async (ports: NotifyPorts, problems: readonly HealthProblem[]): Promise<void> => {
  const present = new Map(problems.filter(({ code }) => MAILED_CODES.includes(code)).map((fault) => [nameOf(fault), fault]));
  const mailed = new Set((await ports.sideStore.list(MAILED)).map(({ id }) => id));
  for (const id of mailed) if (!present.has(id)) await ports.sideStore.remove(MAILED, id);
  const fresh = [...present].filter(([name]) => !mailed.has(name));
  if (fresh.length === 0) return;
  const faults = fresh.map(([, fault]) => fault);
  const event = `fault/${digestOf(fresh.map(([name, { since }]) => `${name} ${since}`).join('\n'))}`;
  const write = (words: MailWords): Letter => {
    const { fault, locale } = words;
    const { dateTime } = mailTimes(words, ports.zone);
    const lines = faults.map(({ code, since, detail }) => fillText(fault.one, { code, when: dateTime(since), detail }));
    const page = { text: fault.page, url: `${ports.url}/` };
    return {
      subject: fillCount(locale, fault, 'subject', faults.length),
      paragraphs: [fault.lead, listSlot(words, lines), fault.means, fault.todo, fault.once, page],
    };
  };
  if (!(await attempt(ports, event, draftsTo(await recipientsOf(ports), 'fault', write)))) return;
  for (const [name] of fresh) await ports.sideStore.put(MAILED, name, { at: ports.clock() });
};

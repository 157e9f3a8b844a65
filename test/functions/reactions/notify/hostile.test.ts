import { expect, test } from 'vitest';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { HOSTILE_TEXTS } from '../../../support/hostileTexts.ts';
import { linksOf, mailing, withLink } from './mailing.ts';

/** The tags of a mail's page in their order, and where its links lead. */
const skeleton = ({ html }: Message) => [...html.matchAll(/<\/?[a-z!]+/gi)].map(([tag]) => tag);
const leads = ({ html }: Message) => [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href);

const mailsOf = async (title: string, summary: string): Promise<readonly Message[]> => {
  const { gate, mails, regular } = await mailing();
  await gate.notice({ title, summary });
  const asked = await mails();
  gate.at('2026-03-09T09:00:00.000Z');
  return [...asked, ...(await regular())];
};

test('fifty hostile texts stay text in every mail: none adds a tag, a link or a header', async () => {
  const plain = await mailsOf('A title', 'A summary.');
  expect(plain.some(withLink)).toBe(true);
  for (const text of HOSTILE_TEXTS) {
    const mails = await mailsOf(text, text);
    expect(mails.map(skeleton), text).toStrictEqual(plain.map(skeleton));
    for (const mail of mails) {
      for (const href of leads(mail)) expect(href, text).toMatch(/^https:\/\/gate\.example\//);
      expect(linksOf(mail).length, text).toBe(withLink(mail) ? 1 : 0);
      expect(mail.subject, text).not.toMatch(/[\r\n]/);
      // An address alone on its line passes for ours, so a stranger's never stands so.
      const alone = mail.text.split('\n').filter((line) => /^https?:\S+$/.test(line));
      expect(
        alone.every((line) => line.startsWith('https://gate.example/')),
        text,
      ).toBe(true);
    }
  }
});

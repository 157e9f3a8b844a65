import { expect, test } from 'vitest';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { NO_OUTBOX } from '../../../../functions/web/site/deps.ts';
import { linkKey, linksOf, mailing, who, withLink } from './mailing.ts';

const TERMS = { from: null, until: null, audience: null, conditions: null, maintenance: false };

/** The statement of the effect in a mail: the items of its list under the sentence that begins with `lead`. */
const inMail = ({ text }: Message, lead: string): readonly string[] => {
  const [, list = ''] = text.split(`${lead}\n\n`);
  return (list.split('\n\n')[0] ?? '').split('\n').map((item) => item.replace(/^- /, '').replaceAll(/[“”]/g, ''));
};

/** The statement on a page, in the form in which a mail has it. */
const onPage = (html: string): readonly string[] => {
  const [, list = ''] = /<dl class="facts effect">([\s\S]*?)<\/dl>/.exec(html) ?? [];
  return [...list.matchAll(/<dt>(.*?)<\/dt><dd>([\s\S]*?)<\/dd>/g)].map(([, label = '', value = '']) =>
    `${label}: ${value.replaceAll(/<small>(.*?)<\/small>/g, '($1)')}`
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
};

/** A contract for the police alone until a day, and a feature beneath it that the council passed on a condition. */
const story = async () => {
  const setUp = await mailing({ zone: 'America/Denver' });
  const { gate, mails } = setUp;
  const contract = await gate.notice({ kind: 'contract', endsAt: '2027-03-31', title: 'The contract' });
  const limits = { terms: { ...TERMS, audience: ['Police'], until: '2026-05-19T06:00:00.000Z' } };
  await gate.certify('acme/1', contract.digest, limits);
  await gate.sign('acme/1', contract.digest, limits);
  await mails();
  const { digest } = await gate.notice({ feature: 'acme.lpr', title: 'Plate readers' });
  const terms = { terms: { ...TERMS, conditions: 'Images go to\nhttps://evil.example/d/x\nand nowhere else.' } };
  await gate.certify('acme.lpr/1', digest, terms);
  const deps = { ports: gate.ports, keys: { linkKey, textKey: linkKey, rosterSalt: linkKey }, logger: () => undefined };
  const site = siteApp({
    ...deps,
    checkpoint: () => undefined,
    vkey: () => undefined,
    verifier: async () => undefined,
    outbox: NO_OUTBOX,
  });
  const page = async (link: string): Promise<string> =>
    (await site.request(`https://gate.example/d/${link}`, { headers: { accept: 'text/html' } })).text();
  return { ...setUp, page, sign: () => gate.sign('acme.lpr/1', digest, terms) };
};

const EFFECT = [
  'Until: the end of May 18, 2026 (set by acme, above it)',
  'Agencies: only for Police (set by acme, above it)',
  'Conditions: Images go to https://evil.example/d/x and nowhere else. (set by the first to decide)',
];

test('the mail that asks, the page to sign and the receipt state one effect', async () => {
  const { mails, page, sign } = await story();
  const asked = (await mails()).filter(withLink);
  expect(who(asked)).toContain('mayor');
  const mayor = asked.find((mail) => who([mail])[0] === 'mayor') as Message;
  expect(inMail(mayor, 'If it is approved, this takes effect:')).toStrictEqual(EFFECT);
  const [link = ''] = linksOf(mayor);
  expect(onPage(await page(link))).toStrictEqual(EFFECT);

  await sign();
  expect(onPage(await page(link))).toStrictEqual(EFFECT);
});

test('no line of a condition stands alone in a mail', async () => {
  const { mails } = await story();
  const texts = (await mails()).map(({ text }) => text);
  expect(texts.some((text) => text.includes('https://evil.example/d/x'))).toBe(true);
  for (const text of texts) expect(text.split('\n')).not.toContain('https://evil.example/d/x');
});

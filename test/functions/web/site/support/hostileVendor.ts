import type { Received } from '../../../../../functions/gate/intake.ts';
import { LONG_WORD } from '../../../../support/hostileTexts.ts';
import { type City, certificate, decision } from './city.ts';

/** What became of one vendor that says a text wherever a vendor, or an official who copies it, can say anything. */
export interface Said {
  readonly vendor: string;
  readonly text: string;
  readonly clerk: string;
  readonly mayor: string;
}

const noticeOf = (feature: string, text: string) => ({
  feature,
  kind: 'update' as const,
  title: text,
  summary: text,
  description: `${text}\n${LONG_WORD}`,
  version: text.slice(0, 100),
  effectiveAt: '2026-05-01T00:00:00Z',
  documents: [{ title: text, kind: 'other', url: 'https://vendor.example/a' }],
});

/** A feature that is on for an audience under conditions, and one whose second wording waits: every word of both is the text. */
export const sayEverywhere = async (city: City, vendor: string, text: string): Promise<Said> => {
  const change: Received = await city.notify(noticeOf(vendor, text));
  const [clerk, mayor] = [await city.link('clerk', 'council', change), await city.link('mayor', 'mayor', change)];
  const terms = { audience: text.slice(0, 80), conditions: text, comment: text };
  await city.post(clerk, certificate(change, terms));
  await city.post(mayor, decision(change, terms));
  await city.notify(noticeOf(`${vendor}.part`, 'The first wording'));
  await city.notify({ ...noticeOf(`${vendor}.part`, text), revises: 1 });
  return { vendor, text, clerk, mayor };
};

/** Every page on which the words of such a vendor stand. */
export const pagesOf = ({ vendor, clerk, mayor }: Said): readonly string[] => [
  `/?vendor=${vendor}`,
  `/?vendor=${vendor}&at=2026-03-03T15:00:00Z`,
  `/vendors/${vendor}`,
  `/features/${vendor}`,
  `/features/${vendor}?at=2026-03-03T15:00:00Z`,
  `/features/${vendor}.part`,
  `/features/${vendor}/proof?at=2026-03-03T15:00:00Z`,
  `/changes/${vendor}/1`,
  `/changes/${vendor}.part/1`,
  `/changes/${vendor}.part/1/packet`,
  `/packet?change=${vendor}/1&change=${vendor}.part/1`,
  `/calendar?vendor=${vendor}&month=2026-05`,
  `/numbers?vendor=${vendor}`,
  clerk,
  mayor,
];

import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { DemoCity } from '../city.ts';
import { expectSame } from '../expect.ts';
import { demoReport } from '../fixtures.ts';
import { requestFor } from '../http.ts';
import { certifyVote, signChange } from '../officials.ts';
import type { Step } from '../step.ts';

const POLICE = { audience: 'police', conditions: 'Readings are deleted after 30 days.' };

const Lacking = z.object({ missingDocuments: z.array(z.string()) });

/** Returns the documents that the plate readers lack before a body may approve them. */
const missingDocuments = async ({ url, itToken }: DemoCity): Promise<readonly string[]> => {
  const { json } = await requestFor(200, 'GET', `${url}/v1/changes/northcam.lpr/1`, { token: itToken });
  return Lacking.parse(json).missingDocuments;
};

/** Council, mayor and auditor approve, each by an own link; only then is a feature on. */
export const approvals: readonly Step[] = [
  {
    day: 3,
    title: 'The clerk certifies a vote of today, but a notice must have been public for a week first: refused (422).',
    key: 'northcam',
    was: 'pending',
    is: 'pending',
    act: (city) => certifyVote(city, 'northcam/1', { yes: 11, fileNumber: 'R-101', status: 422 }),
  },
  {
    day: 4,
    title:
      'Plate readers watch new places, so the rules ask for an impact report. Another file: refused (409). The named one: public.',
    key: 'northcam.lpr',
    was: 'pending',
    is: 'pending',
    act: async (city) => {
      const report = { kind: 'impact-report', title: 'Impact report: plate readers', bytes: demoReport() };
      expectSame('what is missing', await missingDocuments(city), ['impact-report']);
      const other = { ...report, bytes: Buffer.from('Nothing changes.') };
      expectSame('another file', (await city.sendDocument('northcam.lpr/1', other)).status, 409);
      expectSame('the report', (await city.sendDocument('northcam.lpr/1', report)).status, 200);
      await city.settle();
      expectSame('what is missing still', await missingDocuments(city), []);
      const sha256 = createHash('sha256').update(report.bytes).digest('hex');
      const { text } = await requestFor(200, 'GET', `${city.url}/log/document/${sha256}`);
      expectSame('the file that anyone downloads', text, Buffer.from(report.bytes).toString());
    },
  },
  {
    day: 8,
    title: 'The council adopts the contract, 11 to 2, and the clerk certifies the roll call. One yes is not enough.',
    key: 'northcam',
    was: 'pending',
    is: 'pending',
    act: (city) => certifyVote(city, 'northcam/1', { yes: 11, fileNumber: 'R-104' }),
  },
  {
    day: 9,
    title: 'The mayor signs the contract. The auditor must still countersign.',
    key: 'northcam',
    was: 'pending',
    is: 'pending',
    act: (city) => signChange(city, 'mayor', 'northcam/1'),
  },
  {
    day: 10,
    title: 'The auditor countersigns: the contract is in force.',
    key: 'northcam',
    was: 'pending',
    is: 'enabled',
    act: (city) => signChange(city, 'auditor', 'northcam/1'),
  },
  {
    day: 10,
    title: 'Council (9 to 4) and mayor approve the plate readers, for the police alone, on a condition.',
    key: 'northcam.lpr',
    was: 'pending',
    is: 'enabled',
    act: async (city) => {
      await certifyVote(city, 'northcam.lpr/1', { yes: 9, fileNumber: 'R-105', ...POLICE });
      await signChange(city, 'mayor', 'northcam.lpr/1', POLICE);
    },
  },
  {
    day: 10,
    title: 'The parks department asks: the approval is not for it.',
    key: 'northcam.lpr',
    agency: 'parks',
    was: 'audience',
    is: 'audience',
  },
  {
    day: 12,
    title: 'Council (8 to 5) and mayor approve a feature: alerts when a wanted plate passes.',
    key: 'northcam.lpr.hotlist-alerts',
    was: 'pending',
    is: 'enabled',
    act: async (city) => {
      await certifyVote(city, 'northcam.lpr.hotlist-alerts/1', { yes: 8, fileNumber: 'R-106' });
      await signChange(city, 'mayor', 'northcam.lpr.hotlist-alerts/1');
    },
  },
  {
    day: 12,
    title: 'Council (13 to 0) and mayor approve the export by which the city audits every search.',
    key: 'northcam.audit-export',
    was: 'pending',
    is: 'enabled',
    act: async (city) => {
      await certifyVote(city, 'northcam.audit-export/1', { yes: 13, fileNumber: 'R-107' });
      await signChange(city, 'mayor', 'northcam.audit-export/1');
    },
  },
];

import * as z from 'zod';
import { expectSame } from '../expect.ts';
import { requestFor } from '../http.ts';
import { certifyVote, confirmCertificate, veto } from '../officials.ts';
import type { Step } from '../step.ts';

const Drift = z.object({ drift: z.array(z.object({ key: z.string() })) });

/** A veto that the council overrides, a refusal that stands, and a window that lapses. */
export const refusals: readonly Step[] = [
  {
    day: 14,
    title: 'The council adopts the public page with counts of searches (8 to 5); the mayor vetoes it.',
    key: 'northcam.public-dashboard',
    was: 'pending',
    is: 'vetoed',
    act: async (city) => {
      await certifyVote(city, 'northcam.public-dashboard/1', { yes: 8, fileNumber: 'R-110' });
      await veto(city, 'northcam.public-dashboard/1', 'Counts alone will be misread.');
    },
  },
  {
    day: 21,
    title: 'The council overrides the veto with the 9 of 13 it takes; the clerk certifies the vote, and nothing changes yet.',
    key: 'northcam.public-dashboard',
    was: 'vetoed',
    is: 'vetoed',
    act: (city) => certifyVote(city, 'northcam.public-dashboard/1', { yes: 9, fileNumber: 'R-114', purpose: 'override' }),
  },
  {
    day: 21,
    title: 'The presiding member confirms the clerk’s record: no one person overturns a veto.',
    key: 'northcam.public-dashboard',
    was: 'vetoed',
    is: 'enabled',
    act: (city) => confirmCertificate(city, 'northcam.public-dashboard/1'),
  },
  {
    day: 22,
    title: 'The council refuses the nationwide lookup, 4 to 9.',
    key: 'northcam.lpr.nationwide-lookup',
    was: 'pending',
    is: 'refused',
    act: (city) => certifyVote(city, 'northcam.lpr.nationwide-lookup/1', { yes: 4, fileNumber: 'R-115' }),
  },
  {
    day: 23,
    title: 'IT looks at the vendor and finds the nationwide lookup on all the same: reported as drift, the answer stays no.',
    key: 'northcam.lpr.nationwide-lookup',
    was: 'refused',
    is: 'refused',
    act: async ({ url, itToken, clock }) => {
      const { json } = await requestFor(200, 'POST', `${url}/v1/observations`, {
        token: itToken,
        json: {
          vendor: 'northcam',
          source: 'settings page',
          observedAt: clock.now(),
          features: { 'northcam.lpr': true, 'northcam.lpr.nationwide-lookup': true },
        },
      });
      expectSame(
        'the drift',
        Drift.parse(json).drift.map(({ key }) => key),
        ['northcam.lpr.nationwide-lookup'],
      );
    },
  },
  {
    day: 30,
    title: 'Northcam passes on an offer: cameras of a chain of shops, from day 45, "nothing needs to be done".',
    key: 'northcam.lpr.retailer-cameras',
    was: 'unknown',
    is: 'pending',
    act: ({ post, clock }) => post('retailer-cameras', { effectiveAt: clock.dayAt(45) }),
  },
  {
    day: 46,
    title: "The vendor's date has passed and no one has decided. Silence is not consent.",
    key: 'northcam.lpr.retailer-cameras',
    was: 'pending',
    is: 'pending',
  },
  {
    day: 121,
    title: 'Ninety days without a decision: the offer lapses.',
    key: 'northcam.lpr.retailer-cameras',
    was: 'pending',
    is: 'lapsed',
  },
];

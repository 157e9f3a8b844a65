import { expectSame } from '../expect.ts';
import type { Step } from '../step.ts';
import { deliver, tryToDeliver } from '../vendorSender.ts';

/** The last day of the first contract. */
const CONTRACT_ENDS = 170;

/** Vendors post notices, which turn nothing on. */
export const notices: readonly Step[] = [
  {
    day: 0,
    title: 'No notice names the plate readers yet: what is unknown is off.',
    key: 'northcam.lpr',
    was: 'unknown',
    is: 'unknown',
  },
  {
    day: 0,
    title: 'Northcam posts its contract, signed with its own key (v1a): stored, public, pending. Posted again: the same answer.',
    key: 'northcam',
    was: 'unknown',
    is: 'pending',
    act: async (city) => {
      const delivery = city.sign('contract', { endsAt: city.clock.dateAt(CONTRACT_ENDS) });
      const first = await deliver(city.url, delivery);
      expectSame('the change', first.change, 'northcam/1');
      expectSame('the answer to the same delivery', await deliver(city.url, delivery), first);
    },
  },
  {
    day: 0,
    title: 'One altered byte (90 crossings for 70): refused. Signed by another vendor: refused (401 both).',
    key: 'northcam.lpr',
    was: 'unknown',
    is: 'unknown',
    act: async (city) => {
      const { body, headers } = city.sign('plate-readers');
      const altered = Buffer.from(Buffer.from(body).toString().replace('at 70 crossings', 'at 90 crossings'));
      expectSame('an altered notice', (await tryToDeliver(city.url, { body: altered, headers })).status, 401);
      const foreign = city.sign('plate-readers', {}, 'recordex');
      expectSame("a notice with another vendor's signature", (await tryToDeliver(city.url, foreign)).status, 401);
    },
  },
  {
    day: 0,
    title: 'Recordex posts a search tool, signed with a shared secret (v1). Its contract was never put forward.',
    key: 'recordex.plate-data',
    was: 'unknown',
    is: 'pending',
    act: async (city) => {
      const { missingAncestors } = await deliver(city.url, city.sign('records-plate-data', {}, 'recordex'));
      expectSame('what is missing above it', missingAncestors, ['recordex']);
    },
  },
  {
    day: 0,
    title: 'Northcam posts the plate readers and four things that go with them.',
    key: 'northcam.lpr',
    was: 'unknown',
    is: 'pending',
    act: async ({ post }) => {
      for (const notice of ['plate-readers', 'hotlist-alerts', 'nationwide-lookup', 'audit-export', 'public-dashboard'])
        await post(notice);
    },
  },
];

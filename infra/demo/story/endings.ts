import { certifyVote, revokeApproval, signChange } from '../officials.ts';
import type { Step } from '../step.ts';

/** The last day of the renewed contract: a year and more from the end of the story. */
const RENEWAL_ENDS = 560;

/** Features that were on go off: revoked, outdated by the vendor, or ended. Only a new approval brings them back. */
export const endings: readonly Step[] = [
  {
    day: 122,
    title: 'The mayor takes back the alerts: off takes one.',
    key: 'northcam.lpr.hotlist-alerts',
    was: 'enabled',
    is: 'revoked',
    act: (city) => revokeApproval(city, 'mayor', 'northcam.lpr.hotlist-alerts/1', 'False alarms at two crossings.'),
  },
  {
    day: 130,
    title: 'Northcam will strip the audit export of names on day 140, and no customer can opt out.',
    key: 'northcam.audit-export',
    was: 'enabled',
    is: 'enabled',
    act: ({ post, clock }) => post('audit-redaction', { effectiveAt: clock.dayAt(140) }),
  },
  {
    day: 141,
    title: 'Day 140 has passed: what was approved is no longer what runs.',
    key: 'northcam.audit-export',
    was: 'enabled',
    is: 'outdated',
  },
  {
    day: 150,
    title: 'The council refuses the stripped export, 0 to 13. What was approved is gone all the same.',
    key: 'northcam.audit-export',
    was: 'outdated',
    is: 'outdated',
    act: (city) => certifyVote(city, 'northcam.audit-export/2', { yes: 0, fileNumber: 'R-188' }),
  },
  {
    day: 171,
    title: 'The contract ends, and with it everything beneath it. No job had to run.',
    key: 'northcam.lpr',
    was: 'enabled',
    is: 'blocked',
  },
  {
    day: 172,
    title: 'Northcam posts a renewal. A contract that runs on is a change like any other.',
    key: 'northcam',
    was: 'expired',
    is: 'expired',
    act: ({ post, clock }) => post('contract-renewal', { endsAt: clock.dateAt(RENEWAL_ENDS) }),
  },
  {
    day: 180,
    title: 'Council (10 to 3), mayor and auditor approve the renewal: what was approved beneath it is on again.',
    key: 'northcam.lpr',
    was: 'blocked',
    is: 'enabled',
    act: async (city) => {
      await certifyVote(city, 'northcam/2', { yes: 10, fileNumber: 'R-201' });
      await signChange(city, 'mayor', 'northcam/2');
      await signChange(city, 'auditor', 'northcam/2');
    },
  },
  {
    day: 190,
    title: 'Northcam posts a search for vehicles in plain words, to start in a week.',
    key: 'northcam.lpr.freeform-search',
    was: 'unknown',
    is: 'pending',
    act: ({ post, clock }) => post('freeform-search', { effectiveAt: clock.dayAt(197) }),
  },
];

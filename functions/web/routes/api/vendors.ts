import * as z from 'zod';
import { Notice } from '../../../../domain/feature/notice.ts';
import { strictObject } from '../../../../domain/kernel/lazyObject.ts';
import { NOTICE_BYTES_MAX } from '../../../../domain/kernel/limits.ts';
import { Received } from '../../../gate/received.ts';
import { ChangeJson } from '../../../register/views/changeJson.ts';
import type { ApiTable } from '../route.ts';
import { DriftReport, OBSERVATION_BYTES_MAX, PostedObservation } from './observations.ts';

/** The notice's schema as a named component of the description. */
export const PostedNotice = Notice.meta({ id: 'Notice', description: 'A vendor’s notice of one change.' });

/** Wire format. Names the change in the signed bytes, since an address is not signed. */
export const Withdrawal = strictObject(() => ({
  withdraw: z.string().max(250, 'is not the name of a change').describe('The change to withdraw, KEY/N.'),
})).meta({ id: 'Withdrawal', description: 'A vendor’s signed withdrawal of an open change.' });

/** Operations for vendors; each message is signed by Standard Webhooks. */
export const VENDOR_OPERATIONS = {
  '/v1/notices': {
    POST: {
      id: 'postNotice',
      tag: 'vendors',
      summary: 'Posts a vendor’s signed notice of a change',
      auth: 'signature',
      body: PostedNotice,
      bodyBytesMax: NOTICE_BYTES_MAX,
      status: 202,
      answer: Received,
      problems: [409, 429],
    },
  },
  '/v1/attestations': {
    POST: {
      id: 'postAttestation',
      tag: 'vendors',
      summary: 'Posts a vendor’s signed statement of what is on at it, and returns what exceeds what is approved',
      auth: 'signature',
      body: PostedObservation,
      bodyBytesMax: OBSERVATION_BYTES_MAX,
      status: 200,
      answer: DriftReport,
      problems: [409, 429],
    },
  },
  '/v1/changes/{key}/{n}/withdraw': {
    POST: {
      id: 'withdrawChange',
      tag: 'vendors',
      summary: 'Withdraws an open change; signed by its vendor',
      auth: 'signature',
      body: Withdrawal,
      bodyBytesMax: NOTICE_BYTES_MAX,
      status: 200,
      answer: ChangeJson,
      problems: [404, 409],
    },
  },
} as const satisfies ApiTable;

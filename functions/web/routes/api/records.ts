import * as z from 'zod';
import { CHANGE_STATUSES } from '../../../../domain/feature/state.ts';
import { strictObject } from '../../../../domain/kernel/lazyObject.ts';
import { BlockText, Id } from '../../../../domain/kernel/zodTypes.ts';
import { ChangeJson } from '../../../register/views/changeJson.ts';
import { HistoryEntry } from '../../../register/views/historyJson.ts';
import { listOf, paging } from '../../http/paging.ts';
import type { ApiTable } from '../route.ts';

const ChangesFilter = strictObject(() => ({
  status: z.enum(CHANGE_STATUSES).optional().describe('Only changes of this status are listed.'),
  body: Id.optional().describe('Only changes that wait for this body; of closed ones those it had to act in.'),
  ...paging,
}));

/** Wire format. Why an update is not maintenance. */
const ContestOrder = strictObject(() => ({
  reason: BlockText(5_000)
    .refine((text) => text.trim() !== '', 'is blank')
    .describe('Why the update is not maintenance; shown in public, and redactable.'),
})).meta({ id: 'Contest', description: 'The reason for which an update that came as maintenance is contested.' });

const read = { tag: 'records', auth: 'state:read', status: 200 } as const;

/** Operations that read what happened and what waits, and the contest of an update. */
export const RECORD_OPERATIONS = {
  '/v1/changes': {
    GET: {
      ...read,
      id: 'listChanges',
      summary: 'Lists changes, by status and by the body they wait for',
      query: ChangesFilter,
      answer: listOf(ChangeJson),
      problems: [400, 401, 403],
    },
  },
  '/v1/changes/{key}/{n}': {
    GET: {
      ...read,
      id: 'getChange',
      summary: 'Returns one change, with its notice in full',
      query: strictObject(() => ({})),
      answer: ChangeJson,
      problems: [400, 401, 403, 404],
    },
  },
  '/v1/features/{key}/history': {
    GET: {
      ...read,
      id: 'getHistory',
      summary: 'Lists every event of a feature, oldest first',
      query: z.strictObject(paging),
      answer: listOf(HistoryEntry),
      problems: [400, 401, 403],
    },
  },
  '/v1/changes/{key}/{n}/contest': {
    POST: {
      id: 'contestChange',
      tag: 'records',
      summary: 'Contests that an update is maintenance: from then on it counts as a change that needs approval',
      auth: 'notice',
      body: ContestOrder,
      bodyBytesMax: 24 * 1024,
      status: 200,
      answer: ChangeJson,
      problems: [400, 401, 403, 404, 409, 413, 415],
    },
  },
} as const satisfies ApiTable;

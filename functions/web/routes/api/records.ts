import * as z from 'zod';
import { CHANGE_STATUSES } from '../../../../domain/feature/state.ts';
import { Id } from '../../../../domain/kernel/zodTypes.ts';
import { ChangeJson } from '../../../register/views/changeJson.ts';
import { HistoryEntry } from '../../../register/views/historyJson.ts';
import { listOf, paging } from '../../http/paging.ts';
import type { ApiTable } from '../route.ts';

const ChangesFilter = z.strictObject({
  status: z.enum(CHANGE_STATUSES).optional().describe('Only changes of this status are listed.'),
  body: Id.optional().describe('Only changes that wait for this body; of closed ones those it had to act in.'),
  ...paging,
});

const read = { tag: 'records', auth: 'state:read', status: 200 } as const;

/** Operations that read what happened and what waits. */
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
      query: z.strictObject({}),
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
} as const satisfies ApiTable;

import * as z from 'zod';
import { strictObject } from '../../../../domain/kernel/lazyObject.ts';
import { HealthProblem } from '../../../platform/health.ts';
import type { ApiTable } from '../route.ts';

const health = { tag: 'operators', auth: 'none', status: 200 } as const;
/** Wire format. The answer of `/readyz` with 503. */
export const NotReady = strictObject(() => ({
  status: z.literal('not-ready').describe('Something keeps the gate from doing all its work.'),
  problems: z.array(HealthProblem).describe('What is wrong, oldest first.'),
})).meta({ id: 'NotReady', description: 'What keeps the gate from doing all its work.' });
const Health = strictObject(() => ({
  status: z.enum(['ok', 'ready']).describe('`ok`: the process runs. `ready`: it can answer.'),
})).meta({ id: 'Health', description: 'That the gate runs, or is ready.' });

/** Whether the process runs, and whether it can do all its work. */
export const HEALTH_OPERATIONS = {
  '/healthz': { GET: { ...health, id: 'health', summary: 'Answers while the process runs', answer: Health, problems: [] } },
  '/readyz': {
    GET: {
      ...health,
      id: 'ready',
      summary: 'Answers whether the gate can do all its work',
      answer: Health,
      notReady: NotReady,
      problems: [],
    },
  },
} as const satisfies ApiTable;

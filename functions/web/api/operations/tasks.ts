import { readTasks } from '../../../register/derived/records.ts';
import { requirePage } from '../../http/input.ts';
import type { IT_OPERATIONS } from '../../routes/api/it.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

type TaskHandlers = Pick<ApiHandlers<typeof IT_OPERATIONS>, '/v1/tasks'>;

/** Serves what the city must do at its vendors. Which tasks are open may lag by some seconds; what may be switched on is confirmed. */
export const taskHandlers = ({ ports }: ApiDeps): TaskHandlers => ({
  '/v1/tasks': {
    GET: async ({ caller: { agencies }, query: { vendor, limit, cursor } }) => ({
      body: requirePage(await readTasks(ports, { vendor, agencies, limit, cursor })),
    }),
  },
});

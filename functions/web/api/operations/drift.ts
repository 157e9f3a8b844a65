import { listCases } from '../../../register/derived/records.ts';
import { caseJsons } from '../../../register/views/observedJson.ts';
import { requirePage } from '../../http/input.ts';
import type { IT_OPERATIONS } from '../../routes/api/it.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

type DriftHandlers = Pick<ApiHandlers<typeof IT_OPERATIONS>, '/v1/drift'>;

/** Lists what was seen on beyond what is approved, as the page of it does. */
export const driftHandlers = ({ ports }: ApiDeps): DriftHandlers => ({
  '/v1/drift': {
    GET: async ({ query: { open, cursor, limit } }) => {
      const isOpen = open === undefined ? undefined : open === 'true';
      const { items, next } = requirePage(await listCases(ports.sideStore, { open: isOpen, cursor, limit }));
      return { body: { items: await caseJsons(ports, items, ports.clock()), next } };
    },
  },
});

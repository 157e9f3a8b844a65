import type { EvaluationContext } from '../../../../domain/feature/evaluate.ts';
import { toInstant } from '../../../../domain/kernel/zone.ts';
import { listFeatures } from '../../../register/lists.ts';
import { confirmedRows, readFeatureJson } from '../../../register/views/featureJson.ts';
import type { Caller } from '../../http/credentials.ts';
import { badParameter } from '../../http/input.ts';
import { requirePage } from '../../http/paging.ts';
import { refused } from '../../http/refused.ts';
import type { IT_OPERATIONS } from '../../routes/api/it.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

type FeatureHandlers = Pick<ApiHandlers<typeof IT_OPERATIONS>, '/v1/features' | '/v1/features/{key}'>;

/**
 * Returns the instant that a query names, in any offset or as the end of a date. Throws Refused (400) if it cannot be read or lies in
 * the future.
 */
export const pastInstant = (text: string, { zone, clock }: ApiDeps['ports']): string => {
  const at = toInstant(text, zone);
  if (at === undefined) throw badParameter('at', 'is not an instant such as 2026-04-01T00:00:00Z');
  if (at > clock()) {
    const detail = 'at is in the future; what will be known then cannot be answered';
    throw refused('future-instant', { detail, errors: [{ pointer: '/at', detail: 'is in the future' }] });
  }
  return at;
};

/**
 * Returns the context of a question: the agency it names, or the token's own. Throws Refused (403) if the token answers for other
 * agencies.
 */
const contextOf = ({ agencies: own }: Caller, agency: string | undefined): EvaluationContext => {
  if (agency !== undefined && own.length > 0 && !own.includes(agency))
    throw refused('other-agency', { detail: `the token answers for ${own.join(', ')} only` });
  return { agencies: agency === undefined ? own : [agency], own };
};

/**
 * Serves the register, and one feature now or at an instant. Every answer is confirmed on strongly consistent heads; an unknown key is off.
 */
export const featureHandlers = ({ ports, checkpoint }: ApiDeps): FeatureHandlers => ({
  '/v1/features': {
    GET: async ({ caller, query: { prefix, status, agency, limit, cursor } }) => {
      const context = contextOf(caller, agency);
      const page = requirePage(await listFeatures(ports, { prefix, status, cursor, limit, now: ports.clock(), context }));
      const rows = await confirmedRows(ports, page.items, { context, checkpoint: checkpoint() });
      return { body: { items: status === undefined ? rows : rows.filter((row) => row.status === status), next: page.next } };
    },
  },
  '/v1/features/{key}': {
    GET: async ({ params: { key }, caller, query: { at, agency } }) => {
      const instant = at === undefined ? undefined : pastInstant(at, ports);
      const question = { context: contextOf(caller, agency), at: instant, checkpoint: checkpoint() };
      return { body: await readFeatureJson(ports, key, question) };
    },
  },
});

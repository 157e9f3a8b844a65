import { randomBytes } from 'node:crypto';
import { changeId } from '../../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import { orderFeature } from '../../../gate/feature.ts';
import { keepText, removeText } from '../../../gate/texts.ts';
import { readChange } from '../../../register/read.ts';
import { changeAnswer } from '../../../register/views/readChangeJson.ts';
import { refused, refusedBy } from '../../http/refused.ts';
import type { RECORD_OPERATIONS } from '../../routes/api/records.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

type ContestHandlers = Pick<ApiHandlers<typeof RECORD_OPERATIONS>, '/v1/changes/{key}/{n}/contest'>;

const SALT_KEY_BYTES = 32;

const readOrRefuse = async ({ ports }: ApiDeps, key: string, n: number) => {
  const reading = await readChange(ports, key, n);
  if (reading === undefined) throw refused('unknown-change', { detail: `there is no change ${changeId(key, n)}` });
  return reading;
};

const isContested = ({ contested }: ChangeView): boolean => contested !== null;

/**
 * Serves IT's contest of an update that came as maintenance. The reason is stored as officials' texts are; its salt is random, since this
 * function does not hold the key that derives theirs. A change that is contested already is answered as it stands.
 */
export const contestHandlers = (deps: ApiDeps): ContestHandlers => ({
  '/v1/changes/{key}/{n}/contest': {
    POST: async ({ params: { key, n }, body, caller }) => {
      const { ports, checkpoint } = deps;
      const known = await readOrRefuse(deps, key, n);
      if (isContested(known.view)) return { body: await changeAnswer(ports, known, checkpoint()) };
      const reason = await keepText(ports, randomBytes(SALT_KEY_BYTES), changeId(key, n), body.reason);
      const done = await orderFeature(ports, {
        key,
        commandId: `contest/${caller.id}/${changeId(key, n)}/${known.view.revisions.length}`,
        actor: `token:${caller.name}`,
        request: { type: 'contest', change: n, by: { token: caller.name }, reason },
      });
      const now = await readOrRefuse(deps, key, n);
      // A contest that came first has its own reason.
      if (now.view.contested?.reason !== reason) await removeText(ports, reason);
      if (!done.ok && !isContested(now.view)) throw refusedBy(done.rejection);
      return { body: await changeAnswer(ports, now, checkpoint()) };
    },
  },
});

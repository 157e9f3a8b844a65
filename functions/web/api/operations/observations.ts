import { digestOf } from '../../../../domain/kernel/digest.ts';
import { toInstant } from '../../../../domain/kernel/zone.ts';
import { driftsIn, keysSeenOn } from '../../../../domain/observation/drift.ts';
import type { Observed } from '../../../../domain/observation/events.ts';
import { observationStream } from '../../../../domain/observation/state.ts';
import { observationAggregate } from '../../../gate/aggregates.ts';
import { evaluateKeys } from '../../../gate/heads.ts';
import { load } from '../../../platform/store/load.ts';
import { submit } from '../../../platform/store/submit.ts';
import { refused, refusedBy } from '../../http/refused.ts';
import type { IT_OPERATIONS } from '../../routes/api/it.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

type ObservationHandlers = Pick<ApiHandlers<typeof IT_OPERATIONS>, '/v1/observations'>;

const driftOf = async ({ ports }: ApiDeps, vendor: string, looked: Observed) => {
  const { state } = await load(ports.store, observationAggregate, observationStream(vendor));
  const evaluations = await evaluateKeys(
    ports,
    keysSeenOn(state).filter((key) => Object.hasOwn(looked, key)),
    {},
  );
  return driftsIn(state, (key) => evaluations.get(key)?.variant)
    .filter(({ key }) => looked[key] === true)
    .map(({ key, since, status }) => ({ key, since, observed: true as const, enabled: false as const, status }));
};

const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;

const instantOf = (text: string): string => {
  const at = DATE_ONLY.test(text) ? undefined : toInstant(text, 'UTC');
  if (at !== undefined) return at;
  const detail = 'is not an instant such as 2026-04-01T00:00:00Z';
  throw refused('invalid-input', { detail: `/observedAt ${detail}`, errors: [{ pointer: '/observedAt', detail }] });
};

/** Records an observation at a vendor and answers with the drift. */
export const observationHandlers = (deps: ApiDeps): ObservationHandlers => ({
  '/v1/observations': {
    POST: async ({ caller, body, bytes }) => {
      const { vendor, source, features, evidence = null } = body;
      const observedAt = instantOf(body.observedAt);
      const done = await submit(deps.ports, observationAggregate, {
        stream: observationStream(vendor),
        commandId: `observation/${caller.name}/${digestOf(bytes)}`,
        actor: `token:${caller.name}`,
        command: (at) => ({ type: 'recordObservation' as const, at, vendor, source, observedAt, features, evidence }),
      });
      if (!done.ok) {
        const { code, detail, pointer = '' } = done.rejection;
        throw code === 'other-vendor'
          ? refused('invalid-input', { detail, errors: [{ pointer, detail }] })
          : refusedBy({ ...done.rejection, code });
      }
      return { body: { drift: await driftOf(deps, vendor, features) } };
    },
  },
});

import { excess, seenIn } from '../../../../domain/derived/drift.ts';
import { type Evaluation, mayBeOn } from '../../../../domain/feature/evaluate.ts';
import { changeId } from '../../../../domain/feature/keys.ts';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import { toInstant } from '../../../../domain/kernel/zone.ts';
import { FEATURES_MAX } from '../../../../domain/observation/events.ts';
import { observationStream } from '../../../../domain/observation/state.ts';
import { observationAggregate } from '../../../gate/aggregates.ts';
import { evaluateKeys } from '../../../gate/heads.ts';
import { submit } from '../../../platform/store/submit.ts';
import { refused, refusedBy } from '../../http/refused.ts';
import type { DriftReport, IT_OPERATIONS, ObservationReport } from '../../routes/api/it.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

type ObservationHandlers = Pick<ApiHandlers<typeof IT_OPERATIONS>, '/v1/observations'>;

const approvedIn = (
  key: string,
  { variant, because, change, version, audience }: Evaluation,
): DriftReport['drift'][number]['approved'] => ({
  onFor: mayBeOn(variant) ? (audience === null ? 'all' : [...audience]) : 'none',
  variant,
  because,
  change: change === null ? null : changeId(key, change),
  version: mayBeOn(variant) ? version : null,
});

const driftOf = async (
  { ports }: ApiDeps,
  features: ObservationReport['features'],
  observedAt: string,
): Promise<DriftReport['drift']> => {
  const reported = Object.entries(features).map(([key, value]) => [key, seenIn(value)] as const);
  const seenOn = reported.filter(([, { on }]) => on);
  const evaluations = await evaluateKeys(
    ports,
    seenOn.map(([key]) => key),
    {},
  );
  return seenOn.flatMap(([key, seen]) => {
    const evaluation = evaluations.get(key);
    if (evaluation === undefined) throw new Error(`broken invariant: ${key} was not evaluated`);
    const kind = excess(seen, evaluation);
    return kind === null ? [] : [{ key, kind, since: observedAt, seen, approved: approvedIn(key, evaluation) }];
  });
};

const bad = (pointer: string, detail: string) =>
  refused('invalid-input', { detail: `${pointer} ${detail}`, errors: [{ pointer, detail }] });

const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;

const instantOf = (text: string): string => {
  const at = DATE_ONLY.test(text) ? undefined : toInstant(text, 'UTC');
  if (at === undefined) throw bad('/observedAt', 'is not an instant such as 2026-04-01T00:00:00Z');
  return at;
};

const otherSource = (own: string) => {
  const detail = `is not ${own}, which this token reports as`;
  return refused('other-source', { detail: `/source ${detail}`, errors: [{ pointer: '/source', detail }] });
};

/** Records an observation at a vendor and answers with the drift. */
export const observationHandlers = (deps: ApiDeps): ObservationHandlers => ({
  '/v1/observations': {
    POST: async ({ caller, body, bytes }) => {
      const { vendor, source, features, evidence = null, note = null } = body;
      if (Object.keys(features).length > FEATURES_MAX)
        throw refused('too-large', { detail: `at most ${FEATURES_MAX} features are taken here` });
      if (caller.source !== null && caller.source !== source) throw otherSource(caller.source);
      const observedAt = instantOf(body.observedAt);
      const report = { source, observedAt, attested: false, person: caller.person, features, evidence, note };
      const done = await submit(deps.ports, observationAggregate, {
        stream: observationStream(vendor, source, false),
        commandId: `observation/${caller.name}/${digestOf(bytes)}`,
        actor: `token:${caller.name}`,
        command: (at) => ({ type: 'recordObservation' as const, vendor, at, ...report }),
      });
      if (!done.ok) {
        const { code, detail, pointer = '' } = done.rejection;
        throw code === 'other-vendor' ? bad(pointer, detail) : refusedBy({ ...done.rejection, code });
      }
      return { body: { drift: await driftOf(deps, features, observedAt), closed: [] } };
    },
  },
});

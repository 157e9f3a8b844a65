import type { Context } from 'hono';
import * as z from 'zod';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import { toInstant } from '../../../../domain/kernel/zone.ts';
import { driftsIn, keysSeenOn } from '../../../../domain/observation/drift.ts';
import { Evidence, Observed, Source } from '../../../../domain/observation/events.ts';
import { observationStream } from '../../../../domain/observation/state.ts';
import { VendorId } from '../../../../domain/vendors/keys.ts';
import { observationAggregate } from '../../../gate/aggregates.ts';
import { evaluateKeys } from '../../../gate/heads.ts';
import { load } from '../../../platform/store/load.ts';
import { submit } from '../../../platform/store/submit.ts';
import { readBody, requireMediaType } from '../../http/body.ts';
import type { Credentials } from '../../http/credentials.ts';
import { checkInput, parseJson } from '../../http/input.ts';
import { refused, refusedBy } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';

const OBSERVATION_BYTES_MAX = 48 * 1024;

/** Wire format. What somebody saw at a vendor. A key that is not named was not looked at. */
export const ObservationBody = z.strictObject({
  vendor: VendorId,
  source: Source,
  observedAt: z.string().max(40),
  features: Observed,
  evidence: Evidence.exactOptional(),
});

/** Returns what of the looked-at features is on and may not be on for any agency, with since when it has been seen on. */
const driftOf = async ({ ports }: ApiDeps, vendor: string, looked: Observed) => {
  const { state } = await load(ports.store, observationAggregate, observationStream(vendor));
  const evaluations = await evaluateKeys(
    ports,
    keysSeenOn(state).filter((key) => Object.hasOwn(looked, key)),
    {},
  );
  return driftsIn(state, (key) => evaluations.get(key)?.variant)
    .filter(({ key }) => looked[key] === true)
    .map(({ key, since, status }) => ({ key, since, observed: true, enabled: false, status }));
};

const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;

const instantOf = (text: string): string => {
  const at = DATE_ONLY.test(text) ? undefined : toInstant(text, 'UTC');
  if (at !== undefined) return at;
  const detail = 'is not an instant such as 2026-04-01T00:00:00Z';
  throw refused('invalid-input', { detail: `/observedAt ${detail}`, errors: [{ pointer: '/observedAt', detail }] });
};

/** `POST /v1/observations`: what is seen on at a vendor is recorded, and answered with what should not be. */
export const postObservation =
  (deps: ApiDeps, authenticate: Credentials) =>
  async (context: Context): Promise<Response> => {
    const header = (name: string) => context.req.header(name);
    const caller = await authenticate(header, 'observe');
    requireMediaType(header('content-type') ?? null, 'application/json');
    const body = await readBody(context.req.raw, OBSERVATION_BYTES_MAX);
    const { vendor, source, features, evidence, ...seen } = checkInput(ObservationBody, parseJson(body));
    const observedAt = instantOf(seen.observedAt);
    const done = await submit(deps.ports, observationAggregate, {
      stream: observationStream(vendor),
      commandId: `observation/${caller.name}/${digestOf(body)}`,
      actor: `token:${caller.name}`,
      command: (at) => ({
        type: 'recordObservation' as const,
        at,
        vendor,
        source,
        observedAt,
        features,
        evidence: evidence ?? null,
      }),
    });
    if (!done.ok) {
      const { code, detail, pointer = '' } = done.rejection;
      throw code === 'other-vendor'
        ? refused('invalid-input', { detail, errors: [{ pointer, detail }] })
        : refusedBy(done.rejection);
    }
    return json({ drift: await driftOf(deps, vendor, features) });
  };

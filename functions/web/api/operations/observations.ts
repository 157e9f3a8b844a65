import type { KeyAnswer } from '../../../../domain/derived/record.ts';
import type { SourcePlace } from '../../../../domain/derived/sources.ts';
import { changeId } from '../../../../domain/feature/keys.ts';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { factsOfReport, type ObservationReport, type ReportedFacts } from '../../../../domain/observation/decide.ts';
import { FEATURES_MAX } from '../../../../domain/observation/events.ts';
import type { ReportOutcome } from '../../../gate/observations.ts';
import { listCases, readTasks } from '../../../register/derived/records.ts';
import { driftAfterReport, recordAttested, recordSeen } from '../../../register/derived/reported.ts';
import { caseJsons } from '../../../register/views/observedJson.ts';
import { badField, requirePage } from '../../http/input.ts';
import { intakeRefused, refused } from '../../http/problems.ts';
import type { DriftReport } from '../../routes/api/it.ts';
import { type ApiDeps, handling } from '../bind.ts';

const approvedIn = (
  key: string,
  { since: _since, fault: _fault, change, ...answer }: KeyAnswer,
): DriftReport['drift'][number]['approved'] => ({
  ...answer,
  change: change === null ? null : changeId(key, change),
});

const checkedFacts = (body: ObservationReport): ReportedFacts => {
  if (Object.keys(body.features).length > FEATURES_MAX)
    throw refused('too-large', { detail: `at most ${FEATURES_MAX} features are taken here` });
  return factsOfReport(body);
};

const answered = async (
  { ports }: ApiDeps,
  place: SourcePlace,
  facts: ReportedFacts,
  reported: ReportOutcome,
  person: string | null = null,
) => {
  if (!reported.ok) {
    const { code, detail, pointer = '' } = reported.rejection;
    throw code === 'other-vendor' ? badField(pointer, detail) : intakeRefused({ ...reported.rejection, code });
  }
  const { drift, closed } = await driftAfterReport(ports, place, facts, person);
  const shown = drift.map(({ key, drift: { kind, since, seen }, answer }) => {
    return { key, kind, since, seen, approved: approvedIn(key, answer) };
  });
  return { body: { drift: shown, closed: [...closed] } };
};

/** The list of open tasks may lag; tasks to switch something on are confirmed on strongly consistent heads. */
export const observationHandlers = handling((deps) => ({
  '/v1/observations': {
    POST: async ({ caller, body, bytes }) => {
      const facts = checkedFacts(body);
      const { name, source, person } = caller;
      if (source !== null && source !== facts.source)
        throw badField('/source', `is not ${source}, which this token reports as`, 'other-source');
      const reported = await recordSeen(deps.ports, {
        vendor: body.vendor,
        facts,
        commandId: `observation/${name}/${digestOf(bytes)}`,
        actor: `token:${name}`,
        person,
      });
      return answered(deps, { vendor: body.vendor, source: facts.source, attested: false }, facts, reported, person);
    },
  },
  '/v1/attestations': {
    POST: async ({ body, bytes, signed: { vendor, provenance, id, headers, sender } }) => {
      const facts = checkedFacts(body);
      const { key, scheme, message } = provenance;
      if (key === null || scheme === null || message === null) throw new Error('broken invariant: verified without a signature');
      const digest = digestOf(bytes);
      const attested = await recordAttested(deps.ports, {
        vendor,
        facts,
        commandId: `attestation/${vendor}/${id}`,
        signed: { digest, key, scheme, message },
        attachments: [{ sha256: digest, mediaType: 'application/json', bytes }, headers],
        ...sender,
      });
      return answered(deps, { vendor, source: facts.source, attested: true }, facts, attested);
    },
  },
  '/v1/drift': {
    GET: async ({ query: { open, cursor, limit } }) => {
      const isOpen = open === undefined ? undefined : open === 'true';
      const { items, next } = requirePage(await listCases(deps.ports.sideStore, { open: isOpen, cursor, limit }));
      const cases = await caseJsons(deps.ports, items, deps.ports.clock());
      return { body: { items: cases, next } };
    },
  },
  '/v1/tasks': {
    GET: async ({ caller: { agencies }, query: { vendor, limit, cursor } }) => {
      return { body: requirePage(await readTasks(deps.ports, { vendor, agencies, limit, cursor })) };
    },
  },
}));

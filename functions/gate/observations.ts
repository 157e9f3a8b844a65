import {
  type ObservationRejection,
  observationStream,
  type RecordObservation,
  type ReportedFacts,
} from '../../domain/observation/decide.ts';
import type { SignedReport } from '../../domain/observation/events.ts';
import { load } from '../platform/store/load.ts';
import type { Attachment } from '../platform/store/port.ts';
import { prepareCommit, type SubmitPorts, submit } from '../platform/store/submit.ts';
import { OTHER_BODY, observationAggregate } from './aggregates.ts';
import { type CountedDelivery, type CountNotice, countDelivery, type NotTaken } from './noticeLimits.ts';

/**
 * A report of what was seen at a vendor. `commandId`: stable when it is sent again; `awaited`: a drift case or task waits for this
 * report.
 */
interface ReportOrder {
  readonly vendor: string;
  readonly facts: ReportedFacts;
  readonly commandId: string;
  readonly actor: string;
  readonly awaited?: boolean;
}

/** `written`: false for a report without news. */
export type ReportOutcome = { readonly ok: true; readonly written: boolean } | NotTaken<ObservationRejection | 'other-body'>;

/** `person`: whose token it is. */
export interface TokenReport extends ReportOrder {
  readonly person: string | null;
}

const requestOf = (
  { vendor, facts, commandId, actor, awaited = false }: ReportOrder,
  said: Pick<RecordObservation, 'attested' | 'person' | 'signed'>,
) => ({
  stream: observationStream(vendor, facts.source, said.attested),
  commandId,
  actor,
  command: (at: string): RecordObservation => ({ type: 'recordObservation', at, vendor, ...facts, awaited, ...said }),
});

/** Records a report by a token. A report without news writes nothing unless it is awaited. */
export const recordReport = async (ports: SubmitPorts, { person, ...order }: TokenReport): Promise<ReportOutcome> => {
  const done = await submit(ports, observationAggregate, requestOf(order, { attested: false, person }));
  return done.ok ? { ok: true, written: done.events.length > 0 } : done;
};

/**
 * A report that its vendor signed. `notBefore`: since when the key is valid; `attachments`: the exact bytes and the signature's
 * headers.
 */
export interface Attestation extends ReportOrder {
  readonly signed: SignedReport;
  readonly notBefore: string;
  readonly attachments: readonly Attachment[];
  readonly counted: CountedDelivery;
}

/** Records a report that its vendor signed. Without news it writes nothing and counts against no limit, unless it is awaited. */
export const attest = async (
  ports: SubmitPorts & { readonly countNotice: CountNotice },
  { signed, notBefore, attachments, counted, ...order }: Attestation,
): Promise<ReportOutcome> => {
  const request = { ...requestOf(order, { attested: true, person: null, signed }), notBefore, attachments };
  const known = await load(ports.store, observationAggregate, request.stream);
  const prepared = await prepareCommit(ports, observationAggregate, request, known);
  if (!prepared.result.ok) return prepared.result;
  if (!prepared.pending) return { ok: true, written: false };
  const within = await countDelivery(ports, counted);
  if (!within.ok) return within;
  const done = await submit(ports, observationAggregate, request);
  if (!done.ok) return done;
  // A repeat is answered with what was written under this id.
  const isSame = done.events.every((event) => event.signed?.digest === signed.digest);
  return isSame ? { ok: true, written: true } : { ok: false, rejection: OTHER_BODY };
};

import type { Rejection } from '../../domain/kernel/decider.ts';
import {
  type ObservationRejection,
  observationStream,
  type RecordObservation,
  type ReportedFacts,
} from '../../domain/observation/decide.ts';
import type { SignedReport } from '../../domain/observation/events.ts';
import { load } from '../platform/store/load.ts';
import type { Attachment } from '../platform/store/port.ts';
import { prepareCommit, type StoreRejection, type SubmitPorts, submit } from '../platform/store/submit.ts';
import { observationAggregate } from './aggregates.ts';
import { type Counted, type CountNotice, countDelivery, type LimitsExceeded } from './noticeLimits.ts';

/** What somebody saw at a vendor, by whom, and what it is written under. */
export interface ReportOrder {
  readonly vendor: string;
  readonly facts: ReportedFacts;
  /** The same when it is sent again. */
  readonly commandId: string;
  readonly actor: string;
}

export type ReportRejection = Rejection<ObservationRejection | StoreRejection | 'other-body' | 'too-many-notices'> & {
  readonly exceeded?: LimitsExceeded;
};
/** `written`: false for a report that says nothing new. */
export type ReportOutcome =
  | { readonly ok: true; readonly written: boolean }
  | { readonly ok: false; readonly rejection: ReportRejection };

/** `person`: whose token it is; `awaited`: something waits for this look. */
export interface TokenReport extends ReportOrder {
  readonly person: string | null;
  readonly awaited?: boolean;
}

/** Records a report by a token; one that says nothing new writes nothing unless it is awaited. */
export const recordReport = async (
  ports: SubmitPorts,
  { vendor, facts, commandId, actor, person, awaited = false }: TokenReport,
): Promise<ReportOutcome> => {
  const said = { type: 'recordObservation' as const, vendor, attested: false, person, awaited, ...facts };
  const done = await submit(ports, observationAggregate, {
    stream: observationStream(vendor, facts.source, false),
    commandId,
    actor,
    command: (at): RecordObservation => ({ ...said, at }),
  });
  return done.ok ? { ok: true, written: done.events.length > 0 } : { ok: false, rejection: done.rejection };
};

/** A report that its vendor signed. `notBefore`: since when the key is valid; `attachments`: the exact bytes and the signature's headers. */
export interface Attestation extends ReportOrder {
  readonly signed: SignedReport;
  readonly notBefore: string;
  readonly attachments: readonly Attachment[];
  readonly counted: Counted;
}

/** Records a report that its vendor signed. One that says nothing new writes nothing and counts against no limit. */
export const attest = async (
  ports: SubmitPorts & { readonly countNotice: CountNotice },
  order: Attestation,
): Promise<ReportOutcome> => {
  const { vendor, facts, commandId, actor, signed, notBefore, attachments, counted } = order;
  const said = { type: 'recordObservation' as const, vendor, attested: true, person: null, ...facts, signed };
  const request = {
    stream: observationStream(vendor, facts.source, true),
    commandId,
    actor,
    command: (at: string): RecordObservation => ({ ...said, at }),
    notBefore,
    attachments,
  };
  const known = await load(ports.store, observationAggregate, request.stream);
  const prepared = await prepareCommit(ports, observationAggregate, request, known);
  if (!prepared.result.ok) return { ok: false, rejection: prepared.result.rejection };
  if (!prepared.pending) return { ok: true, written: false };
  const within = await countDelivery(ports, counted);
  if (!within.ok) return within;
  const done = await submit(ports, observationAggregate, request);
  if (!done.ok) return { ok: false, rejection: done.rejection };
  // What was written under this id before is answered again.
  return done.events.every((event) => event.signed?.digest === signed.digest) ? { ok: true, written: true } : OTHER_BODY;
};

const OTHER_BODY: ReportOutcome = {
  ok: false,
  rejection: { code: 'other-body', detail: 'another body was received under this webhook-id; send it under a new one' },
};

import * as z from 'zod';
import { approvedWith } from '../../domain/feature/arrival.ts';
import type { FeatureRejection } from '../../domain/feature/commands.ts';
import type { FeatureCommand } from '../../domain/feature/decide.ts';
import { advanceTo } from '../../domain/feature/due.ts';
import type { EventOf, FeatureEvent, Provenance } from '../../domain/feature/events.ts';
import { changeId, featureStream, prefixesOf } from '../../domain/feature/keys.ts';
import { factsOf, type Notice } from '../../domain/feature/notice.ts';
import { type FeatureState, inForceIn, lapsesAt, openChanges } from '../../domain/feature/state.ts';
import { digestOf } from '../../domain/kernel/canonical.ts';
import { reject } from '../../domain/kernel/decider.ts';
import { latest } from '../../domain/kernel/order.ts';
import { Digest, FeatureKey, strictObject } from '../../domain/kernel/zodTypes.ts';
import { INSTRUMENTS } from '../../domain/policy/schema.ts';
import type { NoticeReceived } from '../../domain/receipt/events.ts';
import { commitsAbove, eventsOf, load } from '../platform/store/load.ts';
import type { Attachment } from '../platform/store/port.ts';
import { prepareCommit, type SubmitRequest, submit } from '../platform/store/submit.ts';
import { featureAggregate, OTHER_BODY, receiptAggregate } from './aggregates.ts';
import { type CountedDelivery, countDelivery, type NotTaken } from './noticeLimits.ts';
import type { GatePorts } from './ports.ts';
import { rulesInForce } from './rules.ts';

const RECEIPTS = 'receipt/';
const receiptStream = (vendor: string, deliveryId: string): string => `${RECEIPTS}${vendor}/${deliveryId}`;
export const isReceiptStream = (stream: string): boolean => stream.startsWith(RECEIPTS);

/** A notice with its shape and its sender checked. `body`: the exact bytes, whose SHA-256 is the digest to approve. */
export interface Delivery {
  readonly vendor: string;
  readonly deliveryId: string;
  readonly actor: string;
  readonly body: Uint8Array;
  readonly notice: Notice;
  readonly provenance: Provenance;
  readonly notBefore?: string | undefined;
  readonly attachments: readonly Attachment[];
  readonly counted: CountedDelivery | null;
}

export type Intake = { readonly ok: true; readonly received: Received } | NotTaken<FeatureRejection | 'other-body'>;

type Worded = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;

const isWording = (event: FeatureEvent): event is Worded => event.type === 'ChangeNotified' || event.type === 'ChangeRevised';

const statusOf = ({ at, notice: { kind, endsAt } }: Worded, approved: true | undefined): Received['status'] => {
  if (approved) return 'approved';
  if (kind === 'removal') return 'removed';
  return lapsesAt({ closesAt: null, endsAt, since: at }) === at ? 'lapsed' : 'pending';
};

const answer = (
  ports: GatePorts,
  key: string,
  event: Worded,
  { missingAncestors, approved }: Pick<NoticeReceived, 'missingAncestors' | 'approved'>,
): Received => {
  const opens = new Set(event.pinned?.opens.map(({ requirement }) => requirement));
  const status = statusOf(event, approved);
  return {
    change: changeId(key, event.change),
    revision: event.revision,
    digest: event.digest,
    status,
    requirements: (status === 'pending' ? (event.pinned?.require ?? []) : []).map(({ id, body, instrument }) => ({
      id,
      body,
      instrument,
      status: opens.has(id) ? 'open' : 'waiting',
    })),
    missingAncestors,
    url: `${ports.url}/changes/${key}/${event.change}`,
  };
};

const missingAncestors = async (ports: GatePorts, key: string): Promise<readonly string[]> => {
  const ancestors = prefixesOf(key).slice(0, -1);
  const heads = await ports.glance(ancestors);
  const now = ports.clock();
  return ancestors.filter((_, index) => {
    const head = heads[index];
    return head == null || inForceIn(advanceTo(head, now)) === undefined;
  });
};

interface Found {
  readonly wording: Worded;
  readonly version: number;
  readonly approved: boolean;
}

/**
 * Returns the event that answers a delivery, above the version in the receipt: the one its own command wrote, else the first with the same
 * words.
 */
const wordingOf = async (
  { store }: GatePorts,
  { stream, after, commandId, digest }: { stream: string; after: number; commandId: string; digest: string },
): Promise<Worded | undefined> => {
  let same: Worded | undefined;
  for await (const record of commitsAbove(store, stream, after)) {
    const wording = eventsOf(featureAggregate, record).find(isWording);
    if (record.commandId === commandId && wording !== undefined) return wording;
    if (wording?.digest === digest) same ??= wording;
  }
  return same;
};

/** Returns the current revision event of the open or approved change that already has these words. */
const standingWording = async (
  { store }: GatePorts,
  { notice }: Delivery,
  digest: string,
  { state, at }: { readonly state: FeatureState; readonly at: string },
): Promise<Found | undefined> => {
  const { revises } = notice;
  const current = advanceTo(state, at);
  const standing = approvedWith(current, digest, at);
  const approved = standing !== undefined;
  const change =
    standing ??
    openChanges(current).findLast((open) => open.digest === digest && (revises === undefined || open.number === revises));
  if (change === undefined) return undefined;
  for await (const record of commitsAbove(store, featureStream(notice.feature), 0)) {
    const wordings = eventsOf(featureAggregate, record).filter(isWording);
    const wording = wordings.find((event) => event.change === change.number && event.revision === change.revision);
    if (wording !== undefined) return { wording, version: record.version, approved };
  }
  return undefined;
};

interface Arrival {
  readonly delivery: Delivery;
  readonly digest: string;
  readonly receiptName: string;
  readonly request: SubmitRequest<FeatureCommand, FeatureState>;
}

/**
 * Accepts a notice: writes a receipt and then the change. A repeated delivery finds both, even after a crash between the two. A rejected
 * notice leaves no trace.
 */
export const intake = async (ports: GatePorts, delivery: Delivery): Promise<Intake> => {
  const { notice, vendor, deliveryId } = delivery;
  const rules = await rulesInForce(ports);
  const digest = digestOf(delivery.body);
  const commandId = `notice/${vendor}/${deliveryId}`;
  const stream = featureStream(notice.feature);
  const request = {
    stream,
    commandId,
    actor: delivery.actor,
    command: (at: string) => ({
      type: 'notify' as const,
      ...rules.at(at),
      key: notice.feature,
      command: digestOf(commandId).slice(7, 23),
      revises: notice.revises ?? null,
      digest,
      notice: factsOf(notice, rules.zone),
      provenance: delivery.provenance,
    }),
    notBefore: latest(rules.notBefore, delivery.notBefore),
    attachments: [{ sha256: digest, mediaType: 'application/json', bytes: delivery.body }, ...delivery.attachments],
  };
  const arrival = { delivery, digest, receiptName: receiptStream(vendor, deliveryId), request };
  const first = await ports.queue.run(stream, () => receive(ports, arrival));
  if (first === undefined) return reject('contended', 'too many commands wait for this feature');
  return first.settled ? first.intake : resume(ports, arrival, first.receipt);
};

/** If not settled, the receipt exists and the notice may be missing. */
type First = { readonly settled: true; readonly intake: Intake } | { readonly settled: false; readonly receipt: NoticeReceived };

const receive = async (ports: GatePorts, arrival: Arrival): Promise<First> => {
  const { delivery, digest, receiptName, request } = arrival;
  const known = await load(ports.store, receiptAggregate, receiptName);
  if (known.state !== null) return { settled: false, receipt: known.state };
  const feature = await load(ports.store, featureAggregate, request.stream);
  const notice = await prepareCommit(ports, featureAggregate, request, feature);
  if (!notice.result.ok) return { settled: true, intake: notice.result };
  const missing = await missingAncestors(ports, delivery.notice.feature);
  const within = await countDelivery(ports, delivery.counted);
  if (!within.ok) return { settled: true, intake: within };
  // Known words write nothing more: the receipt leads to them for as long as it is stored.
  const standing = notice.pending ? undefined : await standingWording(ports, delivery, digest, notice.result);
  const answered = { missingAncestors: [...missing], ...(standing?.approved && { approved: true as const }) };
  const wording = standing?.wording ?? notice.result.events.find(isWording);
  if (wording === undefined) throw new Error(`broken invariant: ${request.commandId} was accepted and leaves no wording`);
  const receipt = await prepareCommit(
    ports,
    receiptAggregate,
    {
      stream: receiptName,
      commandId: receiptName,
      actor: delivery.actor,
      command: () => ({
        bodySha256: digest,
        feature: delivery.notice.feature,
        after: standing === undefined ? feature.version : standing.version - 1,
        ...answered,
      }),
    },
    known,
  );
  if (!receipt.result.ok) return { settled: true, intake: receipt.result };
  const records = [receipt, notice].flatMap((prepared) => (prepared.pending ? [prepared.record] : []));
  const { appended, occupant } = await ports.store.append(records);
  if (occupant === undefined)
    return { settled: true, intake: { ok: true, received: answer(ports, delivery.notice.feature, wording, answered) } };
  const written = appended > 0 ? receipt.result.state : (await load(ports.store, receiptAggregate, receiptName)).state;
  if (written === null) throw new Error('broken invariant: a receipt was written and is not there');
  return { settled: false, receipt: written };
};

/** Finds the notice of a receipt, and writes it if a crash or another commit came between the two. */
const resume = async (ports: GatePorts, { delivery, digest, request }: Arrival, receipt: NoticeReceived): Promise<Intake> => {
  if (receipt.bodySha256 !== digest) return { ok: false, rejection: OTHER_BODY };
  const { feature } = delivery.notice;
  const { stream, commandId } = request;
  // An earlier run may have written the notice after the receipt, and other commands may have written since.
  const search = { stream, after: receipt.after, commandId, digest };
  const earlier = await wordingOf(ports, search);
  if (earlier !== undefined) return { ok: true, received: answer(ports, feature, earlier, receipt) };
  const notified = await submit(ports, featureAggregate, request);
  if (!notified.ok) return notified;
  const wording =
    notified.events.find(isWording) ??
    (await wordingOf(ports, search)) ??
    (await standingWording(ports, delivery, digest, notified))?.wording;
  if (wording === undefined) throw new Error(`broken invariant: ${commandId} was accepted and left no wording`);
  return { ok: true, received: answer(ports, feature, wording, receipt) };
};

/** Wire format. */
export const Received = strictObject(() => ({
  change: z.string(),
  revision: z.int().min(1),
  digest: Digest,
  status: z
    .enum(['pending', 'removed', 'approved', 'lapsed'])
    .describe(
      '`removed` for the notice of a removal, which needs no approval; `approved` where these very words are approved; `lapsed` ' +
        'where they were over as they came.',
    ),
  requirements: z
    .array(
      z.strictObject({
        id: z.string(),
        body: z.string(),
        instrument: z.enum(INSTRUMENTS),
        status: z.enum(['waiting', 'open']).describe('`waiting` while another requirement comes first.'),
      }),
    )
    .describe('What the change needs; empty unless it is pending, and until a policy is adopted.'),
  missingAncestors: z.array(FeatureKey).readonly().describe('Prefixes of the key without an approval in force; they block it.'),
  url: z.string().describe('The public page of the change.'),
})).meta({ id: 'Received', description: 'The answer to a notice; the same for ever for the same delivery.' });
export type Received = z.infer<typeof Received>;

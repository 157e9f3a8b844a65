import { randomUUID } from 'node:crypto';
import type { Provenance } from '../../domain/feature/events.ts';
import { NO_TERMS } from '../../domain/feature/terms.ts';
import { digestOf } from '../../domain/kernel/digest.ts';
import type { JsonValue } from '../../domain/kernel/json.ts';
import { type FeatureOrder, orderFeature } from '../../functions/gate/feature.ts';
import { intake } from '../../functions/gate/intake.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { setRoster } from '../../functions/gate/rosters.ts';
import { adoptPolicy } from '../../functions/reactions/adoption/policies.ts';
import { COUNCIL, council, mayor, policy, roster, rule } from '../support/fixtures/city.ts';

const must = async <T extends { readonly ok: boolean }>(outcome: Promise<T>): Promise<Extract<T, { readonly ok: true }>> => {
  const got = await outcome;
  if (!got.ok) throw new Error(`refused: ${JSON.stringify(got)}`);
  return got as Extract<T, { readonly ok: true }>;
};

/** The vendor of what is asked for. */
export const VENDOR = 'bench';

/** A council of thirteen and a mayor, who may decide on the day a notice arrives. */
export const openCity = async (ports: GatePorts): Promise<void> => {
  const file = { ...roster(), holders: roster().holders.map((holder) => ({ ...holder, email: `${holder.id}@city.example` })) };
  await must(setRoster(ports, file as unknown as JsonValue, new Uint8Array(32)));
  const rules = policy(rule([council(), mayor()], { notice: 'P0D', window: 'P90D', term: 'P1Y' }));
  await must(adoptPolicy(ports, rules as unknown as JsonValue));
};

/** A vendor, and its key by which its notices count as signed. */
export interface Signer {
  readonly vendor: string;
  readonly key: string;
}

/** Returns the provenance of a vendor's notices: a webhook, signed with a shared secret. */
const provenanceAt = (at: string, { vendor, key }: Signer, id: string): Provenance => ({
  channel: 'webhook',
  by: `vendor:${vendor}`,
  person: null,
  key,
  scheme: 'v1',
  message: { id, timestamp: String(Math.floor(Date.parse(at) / 1000)), signature: null },
  heardAt: null,
  evidence: null,
});

/** An open change of a feature. */
interface Opened {
  readonly key: string;
  readonly change: number;
  readonly digest: string;
}

export const openChange = async (ports: GatePorts, key: string, signer: Signer): Promise<Opened> => {
  const { vendor } = signer;
  const notice = {
    feature: key,
    kind: 'update',
    title: 'An update',
    summary: 'Says what it does in plain words.',
    optOut: 'yes',
  } as const;
  const body = Buffer.from(JSON.stringify(notice));
  const id = randomUUID();
  const { received } = await must(
    intake(ports, {
      vendor,
      deliveryId: id,
      actor: `vendor:${vendor}`,
      body,
      notice,
      provenance: provenanceAt(ports.clock(), signer, id),
      attachments: [],
      counted: null,
    }),
  );
  return { key, change: Number(received.change.slice(key.length + 1)), digest: received.digest };
};

/** Returns the command by which the clerk certifies the council's unanimous vote of today. */
const certification = (ports: GatePorts, { key, change, digest }: Opened): FeatureOrder => ({
  key,
  commandId: randomUUID(),
  actor: 'holder:clerk',
  request: {
    type: 'certify',
    change,
    revision: 1,
    digest,
    terms: NO_TERMS,
    comment: null,
    requirement: 'council',
    holder: 'clerk',
    purpose: 'adopt',
    fileNumber: '26-0001',
    meetingDate: ports.clock().slice(0, 10),
    mover: null,
    seconder: null,
    votes: Object.fromEntries(COUNCIL.map((seat) => [seat, 'yes'])),
    minutesUrl: null,
    minutesSha256: null,
  },
});

/** Executes a command; throws if it is refused. */
const decide = (ports: GatePorts, order: FeatureOrder) => must(orderFeature(ports, order));

/** Makes a feature that is on: notified, certified and signed. */
export const approve = async (ports: GatePorts, key: string, signer: Signer): Promise<void> => {
  const opened = await openChange(ports, key, signer);
  await decide(ports, certification(ports, opened));
  const { change, digest } = opened;
  await decide(ports, {
    key,
    commandId: randomUUID(),
    actor: 'holder:mayor',
    request: {
      type: 'sign',
      change,
      revision: 1,
      digest,
      terms: NO_TERMS,
      comment: null,
      requirement: 'mayor',
      holder: 'mayor',
      decision: 'approve',
    },
  });
};

/** Withdraws an open change for the vendor, with the message that says so. */
export const withdraw = async (ports: GatePorts, { key, change }: Opened, signer: Signer): Promise<void> => {
  const actor = `vendor:${signer.vendor}`;
  const bytes = Buffer.from(JSON.stringify({ withdraw: `${key}/${change}` }));
  const [id, digest] = [randomUUID(), digestOf(bytes)];
  const request = { type: 'withdraw', change, digest, provenance: provenanceAt(ports.clock(), signer, id) } as const;
  const attachments = [{ sha256: digest, mediaType: 'application/json', bytes }];
  await decide(ports, { key, commandId: `withdraw/${signer.vendor}/${id}`, actor, request, attachments });
};

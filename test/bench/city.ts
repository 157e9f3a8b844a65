import { randomUUID } from 'node:crypto';
import { NO_TERMS } from '../../domain/feature/terms.ts';
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

/** Opens a change of a feature by a notice that a shared secret signs. */
export const openChange = async (ports: GatePorts, feature: string, { vendor, key }: Signer) => {
  const words = { title: 'An update', summary: 'Says what it does in plain words.' };
  const notice = { feature, kind: 'update', ...words, optOut: 'yes' } as const;
  const body = Buffer.from(JSON.stringify(notice));
  const [id, actor] = [randomUUID(), `vendor:${vendor}`];
  const message = { id, timestamp: String(Math.floor(Date.parse(ports.clock()) / 1000)), signature: null };
  const sent = { channel: 'webhook', by: actor, person: null, key, scheme: 'v1', message } as const;
  const provenance = { ...sent, heardAt: null, evidence: null };
  const delivery = { vendor, deliveryId: id, actor, body, notice, provenance, attachments: [], counted: null };
  const { received } = await must(intake(ports, delivery));
  return { change: Number(received.change.slice(feature.length + 1)), digest: received.digest };
};

/** Makes a feature that is on: notified, certified with the votes of all, and signed. */
export const approve = async (ports: GatePorts, key: string, signer: Signer): Promise<void> => {
  const { change, digest } = await openChange(ports, key, signer);
  const decision = { change, revision: 1, digest, terms: NO_TERMS, comment: null };
  const order = async (request: FeatureOrder['request'] & { readonly holder: string }): Promise<void> => {
    await must(orderFeature(ports, { key, commandId: randomUUID(), actor: `holder:${request.holder}`, request }));
  };
  await order({
    ...decision,
    type: 'certify',
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
  });
  await order({ ...decision, type: 'sign', requirement: 'mayor', holder: 'mayor', decision: 'approve' });
};

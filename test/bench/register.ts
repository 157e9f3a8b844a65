import { randomUUID } from 'node:crypto';
import { vendorOf } from '../../domain/feature/keys.ts';
import type { JsonValue } from '../../domain/kernel/json.ts';
import { formatVerifierKey } from '../../domain/log/note.ts';
import { orderFeature } from '../../functions/gate/feature.ts';
import { intake } from '../../functions/gate/intake.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { setRoster } from '../../functions/gate/rosters.ts';
import { addVendor } from '../../functions/gate/vendors.ts';
import { sequence } from '../../functions/log/sequencer/sequence.ts';
import { adoptPolicy } from '../../functions/reactions/adoption/policies.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { openInstallation } from '../../infra/local/installation.ts';
import { sequencerPorts } from '../../infra/local/sequencing.ts';
import { certify, rollOf, sign } from '../domain/feature/support.ts';
import { COUNCIL, council, mayor, policy, roster, rule } from '../support/fixtures/city.ts';
import { settingsOf } from './settings.ts';

const PER_VENDOR = 200;
/** Writers at once: those that wait share an fsync. */
const WRITERS = 16;

export const VENDOR = 'bench';
/** On, with two ancestors. */
export const ASKED = `${VENDOR}.lpr.search`;
/** A feature whose change waits for the council; it needs a register of three features. */
export const PENDING = `${VENDOR}.f000002`;

/** `secrets`: by vendor. */
export interface Register {
  readonly secrets: Readonly<Record<string, string>>;
  readonly token: string;
}

const must = async <T extends { readonly ok: boolean }>(outcome: Promise<T>): Promise<Extract<T, { readonly ok: true }>> => {
  const got = await outcome;
  if (!got.ok) throw new Error(`refused: ${JSON.stringify(got)}`);
  return got as Extract<T, { readonly ok: true }>;
};

/** A council of thirteen and a mayor, who may decide on the day a notice arrives. */
const openCity = async (ports: GatePorts) => {
  const file = { ...roster(), holders: roster().holders.map((holder) => ({ ...holder, email: `${holder.id}@city.example` })) };
  await must(setRoster(ports, file as unknown as JsonValue, new Uint8Array(32)));
  const rules = policy(rule([council(), mayor()], { notice: 'P0D', window: 'P90D', term: 'P1Y' }));
  await must(adoptPolicy(ports, rules as unknown as JsonValue));
};

const openChange = async (ports: GatePorts, feature: string, key: string) => {
  const notice = { feature, kind: 'update', title: 'An update', summary: 'Says it in plain words.', optOut: 'yes' } as const;
  const body = Buffer.from(JSON.stringify(notice));
  const [id, vendor] = [randomUUID(), vendorOf(feature)];
  const by = `vendor:${vendor}`;
  const message = { id, timestamp: String(Math.floor(Date.parse(ports.clock()) / 1_000)), signature: null };
  const provenance = { channel: 'webhook', by, person: null, key, scheme: 'v1', message, heardAt: null, evidence: null } as const;
  const delivery = { vendor, deliveryId: id, actor: by, body, notice, provenance, attachments: [], counted: null };
  return (await must(intake(ports, delivery))).received;
};

const approve = async (ports: GatePorts, feature: string, key: string) => {
  const { change, digest } = await openChange(ports, feature, key);
  const [n, at] = [Number(change.slice(feature.length + 1)), ports.clock()];
  for (const request of [certify(at, n, { digest, votes: rollOf(COUNCIL.length) }), sign(at, n, { digest })])
    await must(orderFeature(ports, { key: feature, commandId: randomUUID(), actor: `holder:${request.holder}`, request }));
};

const vendorAt = (n: number) => (n === 0 ? VENDOR : `${VENDOR}-${n}`);
const featureAt = (n: number) => `${vendorAt(Math.floor(n / PER_VENDOR))}.f${String(n).padStart(6, '0')}`;

/** Fills an empty register with features of at least so many vendors, on or pending. Their ancestors are on, and not counted. */
export const fillRegister = async (
  ports: GatePorts,
  features: number,
  vendors: number,
  isOn: (index: number) => boolean,
): Promise<Register> => {
  await openCity(ports);
  const secrets: Record<string, string> = {};
  const keys = new Map<string, string>();
  for (let n = 0; n < Math.max(vendors, Math.ceil(features / PER_VENDOR)); n += 1) {
    const vendor = vendorAt(n);
    const [key] = (await must(addVendor(ports, vendor, `Vendor ${vendor}`))).keys;
    keys.set(vendor, key?.id ?? '');
    secrets[vendor] = key?.secret ?? '';
  }
  const keyOf = (feature: string) => keys.get(vendorOf(feature)) ?? '';
  for (const feature of [...keys.keys(), `${VENDOR}.lpr`, ASKED]) await approve(ports, feature, keyOf(feature));
  const { token } = await createToken(ports, { name: 'bench', scopes: ['state:read', 'admin'], person: null });
  const left = Array.from({ length: features }, (_, n) => featureAt(n)).entries();
  const write = async () => {
    for (const [index, feature] of left) await (isOn(index) ? approve : openChange)(ports, feature, keyOf(feature));
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  return { secrets, token };
};

/** Makes one in a new folder, two of five on, and its log under the key `vkey`, which took its entries in within `takenMs`. */
export const makeRegister = async (data: string, features: number, vendors = 1) => {
  const installation = openInstallation(settingsOf(data));
  const register = await fillRegister(installation.ports, features, vendors, (index) => index % 5 < 2);
  const ports = sequencerPorts(installation);
  const started = performance.now();
  const checkpoint = await sequence(ports);
  const takenMs = performance.now() - started;
  await installation.close();
  return { ...register, vkey: formatVerifierKey(ports.signer.key), entries: checkpoint?.size ?? 0, takenMs };
};

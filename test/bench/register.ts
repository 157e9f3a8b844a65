import { vendorOf } from '../../domain/feature/keys.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { addVendor } from '../../functions/gate/vendors.ts';
import { sequence } from '../../functions/log/sequencer/sequence.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { openInstallation } from '../../infra/local/installation.ts';
import { sequencerPorts } from '../../infra/local/sequencing.ts';
import { approve, openChange, openCity, type Signer, withdraw } from './city.ts';
import { settingsOf } from './settings.ts';
import { VENDOR } from './vendor.ts';

/** Features of one vendor. */
const PER_VENDOR = 200;
/** Writers at once: those that wait share an fsync. */
const WRITERS = 32;

/** The feature that evaluations ask for: on, with two ancestors. */
export const ASKED = `${VENDOR}.lpr.search`;

/** A feature whose change waits for the council; it needs a register of three features. */
export const PENDING = `${VENDOR}.f000002`;

/** Credentials of a register's clients. */
export interface Register {
  /** The shared secret of {@link VENDOR}. */
  readonly secret: string;
  /** A token with every scope of reading. */
  readonly token: string;
}

/** Runs `work` for each item, {@link WRITERS} at once. */
export const forEach = async <T>(items: readonly T[], work: (item: T, index: number) => Promise<unknown>): Promise<void> => {
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
};

const vendorAt = (n: number): string => (n === 0 ? VENDOR : `${VENDOR}-${n}`);

/** Returns the keys of a register of that size: vendors of {@link PER_VENDOR} features each, their roots not counted. */
export const keysOf = (features: number): readonly string[] =>
  Array.from({ length: features }, (_, n) => `${vendorAt(Math.floor(n / PER_VENDOR))}.f${String(n).padStart(6, '0')}`);

/** Adds a vendor whose root is on. */
const enter = async (ports: GatePorts, vendor: string): Promise<Signer & { readonly secret: string }> => {
  const added = await addVendor(ports, vendor, `Vendor ${vendor}`);
  const [key] = added.ok ? added.keys : [];
  if (key?.secret === undefined) throw new Error(`${vendor} was not added`);
  const signer = { vendor, key: key.id, secret: key.secret };
  await approve(ports, vendor, signer);
  return signer;
};

/** Of five features two are on, two are pending and one is withdrawn. */
const makeFeature = async (ports: GatePorts, key: string, index: number, signer: Signer): Promise<void> => {
  const kind = index % 5;
  if (kind < 2) return approve(ports, key, signer);
  const opened = await openChange(ports, key, signer);
  if (kind === 4) await withdraw(ports, opened, signer);
};

/** Makes a city, its vendors, {@link ASKED} and so many features in an opened folder, through the gate's own commands. */
export const fillRegister = async ({ ports }: { readonly ports: GatePorts }, features: number): Promise<Register> => {
  await openCity(ports);
  const first = await enter(ports, VENDOR);
  const signers = new Map<string, Signer>([[VENDOR, first]]);
  for (let n = 1; n * PER_VENDOR < features; n += 1) signers.set(vendorAt(n), await enter(ports, vendorAt(n)));
  for (const key of [`${VENDOR}.lpr`, ASKED]) await approve(ports, key, first);
  const { token } = await createToken(ports, { name: 'bench', scopes: ['state:read', 'admin'] });
  await forEach(keysOf(features), (key, index) => makeFeature(ports, key, index, signers.get(vendorOf(key)) ?? first));
  return { secret: first.secret, token };
};

/** The same in a new folder, which is closed then. Its commits are in its log, as a server's are within a second. */
export const makeRegister = async (data: string, features: number): Promise<Register> => {
  const installation = openInstallation(settingsOf(data));
  try {
    const register = await fillRegister(installation, features);
    await sequence(sequencerPorts(installation, () => undefined));
    return register;
  } finally {
    await installation.close();
  }
};

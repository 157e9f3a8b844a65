import { vendorOf } from '../../domain/feature/keys.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { addVendor } from '../../functions/gate/vendors.ts';
import { sequence } from '../../functions/log/sequencer/sequence.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { openInstallation } from '../../infra/local/installation.ts';
import { sequencerPorts } from '../../infra/local/sequencing.ts';
import { approve, openChange, openCity, type Signer, VENDOR } from './city.ts';
import { settingsOf } from './settings.ts';

const PER_VENDOR = 200;
/** Writers at once: those that wait share an fsync. */
const WRITERS = 16;

/** The feature that evaluations ask for: on, with two ancestors. */
export const ASKED = `${VENDOR}.lpr.search`;

/** A feature whose change waits for the council; it needs a register of three features. */
export const PENDING = `${VENDOR}.f000002`;

/** Credentials of a register's clients. */
export interface Register {
  readonly secrets: Readonly<Record<string, string>>;
  readonly token: string;
}

/** How large a register is: its features, their ancestors not counted, and at least so many vendors. */
interface Size {
  readonly features: number;
  readonly vendors: number;
}

const forEach = async <T>(items: readonly T[], work: (item: T, index: number) => Promise<unknown>): Promise<void> => {
  const left = items.entries();
  const writer = async (): Promise<void> => {
    for (const [index, item] of left) await work(item, index);
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
};

const vendorAt = (n: number): string => (n === 0 ? VENDOR : `${VENDOR}-${n}`);

/** Returns the keys of a register of that size: vendors of {@link PER_VENDOR} features each, their roots not counted. */
const keysOf = (features: number): readonly string[] =>
  Array.from({ length: features }, (_, n) => `${vendorAt(Math.floor(n / PER_VENDOR))}.f${String(n).padStart(6, '0')}`);

/** Fills an empty register. `isOn`: which of the features are, by their index; the others are pending. Their ancestors are on. */
export const fillRegister = async (
  ports: GatePorts,
  size: Size,
  isOn: (index: number) => boolean = (index) => index % 5 < 2,
): Promise<Register> => {
  await openCity(ports);
  const count = Math.max(size.vendors, Math.ceil(size.features / PER_VENDOR));
  const signers = new Map<string, Signer & { readonly secret: string }>();
  for (const vendor of Array.from({ length: count }, (_, n) => vendorAt(n))) {
    const added = await addVendor(ports, vendor, `Vendor ${vendor}`);
    const [key] = added.ok ? added.keys : [];
    if (key?.secret === undefined) throw new Error(`${vendor} was not added`);
    signers.set(vendor, { vendor, key: key.id, secret: key.secret });
  }
  const signerOf = (key: string): Signer => signers.get(vendorOf(key)) as Signer;
  for (const key of [...signers.keys(), `${VENDOR}.lpr`, ASKED]) await approve(ports, key, signerOf(key));
  const { token } = await createToken(ports, { name: 'bench', scopes: ['state:read', 'admin'], person: null });
  const keys = keysOf(size.features);
  await forEach(keys, (key, index) => (isOn(index) ? approve : openChange)(ports, key, signerOf(key)));
  const secrets = Object.fromEntries([...signers].map(([vendor, { secret }]) => [vendor, secret]));
  return { secrets, token };
};

/** A register in a folder: its log has `entries`, which were taken in within `takenMs`. */
export interface Made extends Register {
  readonly entries: number;
  readonly takenMs: number;
}

/** The same in a new folder, two of five on, which is closed then. Its commits are in its log, as a server's are within a second. */
export const makeRegister = async (data: string, size: Size): Promise<Made> => {
  const installation = openInstallation(settingsOf(data));
  try {
    const { secrets, token } = await fillRegister(installation.ports, size);
    const started = performance.now();
    const checkpoint = await sequence(sequencerPorts(installation));
    return { secrets, token, entries: checkpoint?.size ?? 0, takenMs: performance.now() - started };
  } finally {
    await installation.close();
  }
};

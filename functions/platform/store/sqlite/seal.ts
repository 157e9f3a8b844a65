import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import { macOfRecord, type RecordGuard, rowProblem, type SideRow } from '../sideStore.ts';

export const SEAL_KIND = 'seal';
const ID = 'all';
const SUM_BYTES = 32;

/** Storage format, one record in a file of the side store. `sum`: masked; `fitted`: it has at each look since an operator's rebuild. */
const Sealed = z.strictObject({ nonce: z.string(), sum: z.string(), fitted: z.boolean() });
type Sealed = z.infer<typeof Sealed>;

type Content = Pick<SideRow, 'kind' | 'id' | 'value'>;

const add = (sum: Uint8Array, more: Uint8Array): void => {
  for (let at = 0; at < SUM_BYTES; at += 1) sum[at] = (sum[at] ?? 0) ^ (more[at] ?? 0);
};

/** The rows of a file, by one connection. */
export interface SideRows {
  readonly one: (kind: string, id: string) => SideRow | undefined;
  readonly all: () => Iterable<SideRow>;
  readonly put: (row: SideRow) => void;
}

const PER_TURN = 500;

/**
 * Binds the records of a file together: the MAC of each says that the gate wrote it, this one that none was removed since, and that none
 * is an earlier value. It holds the sum of a secret tag of each record, written in the transaction that changes records. The sum is masked
 * anew each time: of two that can be compared, others would learn which records make the same sum.
 */
export class Seal {
  readonly #guard: RecordGuard;
  readonly #rows: () => SideRows;
  #change: Uint8Array | undefined;

  constructor(guard: RecordGuard, rows: () => SideRows) {
    this.#guard = guard;
    this.#rows = rows;
  }

  /** A record that the transaction removes or adds. Its value may be of any type, from while the schema was another. */
  note({ kind, id, value }: Content): void {
    this.#change ??= new Uint8Array(SUM_BYTES);
    add(this.#change, this.#guard.macs.make('sealed', kind, id, String(value)).tag);
  }

  readonly begin = (): void => {
    this.#change = undefined;
  };

  /** A seal that is missing or of an older key stays as it is. */
  readonly end = (): void => {
    const sealed = this.#change && this.#read();
    if (this.#change === undefined || sealed === undefined || !sealed.isCurrent) return;
    add(sealed.sum, this.#change);
    this.#write(sealed.sum, sealed.fitted);
  };

  /** Seals what is there now, within a transaction, with what that has changed so far. */
  readonly renew = (fitted: boolean): void => {
    this.#change = undefined;
    const sum = new Uint8Array(SUM_BYTES);
    for (const row of this.#rows().all()) this.#addTo(sum, row);
    this.#write(sum, fitted);
  };

  readonly hasFitted = (): boolean => this.#read()?.fitted === true;

  /**
   * Reports whether the sum is that of the records in a file, as one moment shows it. One under an older key is no news: it is renewed
   * with the MACs.
   */
  async fits(rows: SideRows): Promise<boolean> {
    const sealed = this.#read(rows);
    if (sealed === undefined || !sealed.isCurrent) return sealed !== undefined;
    const sum = new Uint8Array(SUM_BYTES);
    let read = 0;
    for (const row of rows.all()) {
      this.#addTo(sum, row);
      read += 1;
      if (read % PER_TURN === 0) await setImmediate();
    }
    return Buffer.compare(sum, sealed.sum) === 0;
  }

  #addTo(sum: Uint8Array, row: SideRow): void {
    if (row.kind !== SEAL_KIND && rowProblem(this.#guard, row) === undefined)
      add(sum, this.#guard.macs.make('sealed', row.kind, row.id, row.value).tag);
  }

  #read(rows = this.#rows()): { readonly sum: Uint8Array; readonly fitted: boolean; readonly isCurrent: boolean } | undefined {
    const row = rows.one(SEAL_KIND, ID);
    if (row === undefined || rowProblem(this.#guard, row) !== undefined) return undefined;
    const { nonce, sum: masked, fitted } = Sealed.parse(JSON.parse(row.value));
    const sum = new Uint8Array(Buffer.from(masked, 'base64'));
    add(sum, this.#mask(nonce));
    return { sum, fitted, isCurrent: this.#guard.macs.isCurrent(row.mac) };
  }

  #mask(nonce: string): Uint8Array {
    return this.#guard.macs.make('mask', nonce).tag;
  }

  #write(sum: Uint8Array, fitted: boolean): void {
    const nonce = randomBytes(16).toString('base64');
    add(sum, this.#mask(nonce));
    const value = JSON.stringify({ nonce, sum: Buffer.from(sum).toString('base64'), fitted } satisfies Sealed);
    this.#rows().put({ kind: SEAL_KIND, id: ID, value, mac: macOfRecord(this.#guard, SEAL_KIND, ID, value) });
  }
}

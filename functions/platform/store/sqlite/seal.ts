import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import type { Mac } from '../mac.ts';
import { macOfRecord, type RecordGuard, rowProblem, type SideRow } from '../sideStore.ts';

export const SEAL_KIND = 'seal';
const ID = 'all';
const SUM_BITS = 256;

/** Storage format, one record in a file of the side store. `sum`: hex, masked; `fitted`: it has at each look since an operator's rebuild. */
const Sealed = z.strictObject({ nonce: z.string(), sum: z.string(), fitted: z.boolean() });
type Sealed = z.infer<typeof Sealed>;

interface Found {
  readonly sum: bigint;
  readonly fitted: boolean;
  readonly isCurrent: boolean;
}

type Content = Pick<SideRow, 'kind' | 'id' | 'value'>;

/** Sums wrap. XOR would not do: it cancels records that are present or removed twice. */
const wrapped = (sum: bigint): bigint => BigInt.asUintN(SUM_BITS, sum);

const numberOf = ({ tag }: Mac): bigint => BigInt(`0x${Buffer.from(tag).toString('hex')}`);

/** The rows of a file on one connection. */
export interface SideRows {
  readonly one: (kind: string, id: string) => SideRow | undefined;
  /** Throws CorruptStore if the rows are not in key order: a search by key might miss one. */
  readonly all: () => Iterable<SideRow>;
  readonly put: (row: SideRow) => void;
}

const PER_TURN = 500;

/**
 * Binds the records of a file together: a record's MAC proves that the gate wrote it; the seal proves that none was removed or replaced by
 * an earlier value. It contains the sum of a secret tag of each record, written in the transaction that changes records. The sum is masked
 * with a new nonce each time, since comparable sums would reveal which records have the same sum.
 */
export class Seal {
  readonly #guard: RecordGuard;
  readonly #file: string;
  readonly #rows: () => SideRows;
  #change = 0n;
  /** The seal as this process last wrote it. If it is unchanged, it need not be checked. */
  #written: (Found & { readonly value: string }) | undefined;

  /** `file`: its name; the seal of one file does not fit another. */
  constructor(guard: RecordGuard, file: string, rows: () => SideRows) {
    this.#guard = guard;
    this.#file = file;
    this.#rows = rows;
  }

  readonly added = (record: Content): void => {
    this.#change += this.#tag(record);
  };

  readonly removed = (record: Content): void => {
    this.#change -= this.#tag(record);
  };

  readonly begin = (): void => {
    this.#change = 0n;
  };

  /** A seal that is missing or of an older key stays as it is. */
  readonly end = (): void => {
    const sealed = this.#change === 0n ? undefined : this.#read();
    if (sealed?.isCurrent === true) this.#write(sealed.sum + this.#change, sealed.fitted);
  };

  /** Seals the present records, within a transaction, including what it has changed so far. */
  readonly renew = (fitted: boolean): void => {
    let sum = 0n;
    for (const row of this.#rows().all()) sum += this.#counted(row);
    // The new sum includes earlier changes of this transaction.
    this.#change = 0n;
    this.#write(sum, fitted);
  };

  readonly hasFitted = (): boolean => this.#read()?.fitted === true;

  /**
   * Reports whether the sum is that of the file's records, all read at one moment. A seal under an older key counts as fitting; it is renewed
   * with the MACs.
   */
  async fits(rows: SideRows): Promise<boolean> {
    const sealed = this.#read(rows);
    if (sealed === undefined || !sealed.isCurrent) return sealed !== undefined;
    let [sum, read] = [0n, 0];
    for (const row of rows.all()) {
      sum += this.#counted(row);
      read += 1;
      if (read % PER_TURN === 0) await setImmediate();
    }
    return wrapped(sum) === sealed.sum;
  }

  #counted(row: SideRow): bigint {
    return row.kind === SEAL_KIND || rowProblem(this.#guard, row) !== undefined ? 0n : this.#tag(row);
  }

  /** The value may have any type if the schema was different for a while. */
  #tag({ kind, id, value }: Content): bigint {
    return numberOf(this.#guard.macs.make('sealed', kind, id, String(value)));
  }

  #read(rows = this.#rows()): Found | undefined {
    const row = rows.one(SEAL_KIND, ID);
    if (row !== undefined && row.value === this.#written?.value) return this.#written;
    if (row === undefined || rowProblem(this.#guard, row) !== undefined) return undefined;
    const { nonce, sum: masked, fitted } = Sealed.parse(JSON.parse(row.value));
    const sum = wrapped(BigInt(`0x${masked}`) - this.#mask(nonce));
    return { sum, fitted, isCurrent: this.#guard.macs.isCurrent(row.mac) };
  }

  #mask(nonce: string): bigint {
    return numberOf(this.#guard.macs.make('mask', this.#file, nonce));
  }

  #write(sum: bigint, fitted: boolean): void {
    // Node generates the random bytes of many UUIDs at once.
    const nonce = randomUUID();
    const masked = wrapped(sum + this.#mask(nonce)).toString(16);
    const value = JSON.stringify({ nonce, sum: masked, fitted } satisfies Sealed);
    this.#rows().put({ kind: SEAL_KIND, id: ID, value, mac: macOfRecord(this.#guard, SEAL_KIND, ID, value) });
    this.#written = { value, sum: wrapped(sum), fitted, isCurrent: true };
  }
}

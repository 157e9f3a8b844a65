import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SignedCheckpoint } from '../../domain/log/checkpoint.ts';
import { consistencyProof, formatTlogProof, inclusionProof } from '../../domain/log/proof.ts';
import { addCosignatures, cosignatureLine, formatAddCheckpoint } from '../../domain/log/witness.ts';
import { TestLog, witnessKey } from '../domain/log/support/testLog.ts';

/** Entries of all lengths, the empty and the longest among them. */
const entryAt = (index: number): Uint8Array =>
  index === 300 ? new Uint8Array(65_535).fill(7) : Buffer.from(`entry ${index};`.repeat(index % 5));

/** A log as a folder of static files, with earlier checkpoints, receipts and requests beside it. */
export class LogFolder {
  readonly folder: string;
  readonly proofs: string[] = [];
  readonly checkpoints: SignedCheckpoint[] = [];
  readonly #log: TestLog;

  /** Grows a log through the sizes and writes everything that it published on the way. */
  constructor(folder: string, sizes: readonly number[], entry = entryAt) {
    this.folder = folder;
    this.#log = new TestLog(entry);
    for (const size of sizes) {
      this.#log.growTo(size);
      const checkpoint = this.#log.checkpoint();
      this.#writeProof(`${size}.checkpoint`, checkpoint.bytes);
      for (const older of this.checkpoints) this.#request(older, checkpoint);
      for (const index of new Set([0, 1, 255, 256, 300, size >> 1, size - 2, size - 1])) {
        if (index >= 0 && index < size) this.#receipt(index, checkpoint);
      }
      this.checkpoints.push(checkpoint);
    }
    for (const [path, bytes] of this.#log.files) this.write(path, bytes);
    this.write('checkpoint', this.#cosigned());
  }

  read(path: string): Uint8Array {
    const bytes = this.#log.files.get(path) ?? this.#written.get(path);
    if (bytes === undefined) throw new Error(`no ${path}`);
    return bytes;
  }

  readonly #written = new Map<string, Uint8Array>();

  write(path: string, bytes: Uint8Array): void {
    if (!this.#written.has(path)) this.#written.set(path, bytes);
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), bytes);
  }

  remove(path: string): void {
    rmSync(join(this.folder, path));
  }

  /** Undoes what was written over it or removed. */
  restore(path: string): void {
    writeFileSync(join(this.folder, path), this.read(path));
  }

  #writeProof(name: string, bytes: Uint8Array): void {
    this.write(join('proofs', name), bytes);
    this.proofs.push(join(this.folder, 'proofs', name));
  }

  #receipt(index: number, checkpoint: SignedCheckpoint): void {
    const hashes = inclusionProof(index, checkpoint.size, this.#log.reader(checkpoint.size));
    const receipt = formatTlogProof({ index, hashes, checkpoint: checkpoint.bytes, extra: Buffer.from('an extra') });
    this.#writeProof(`${index}-of-${checkpoint.size}.tlog-proof`, receipt);
  }

  #request(older: SignedCheckpoint, newer: SignedCheckpoint): void {
    const proof = consistencyProof(older.size, newer.size, this.#log.reader(newer.size));
    const request = formatAddCheckpoint({ oldSize: older.size, proof, checkpoint: newer.bytes });
    this.#writeProof(`${older.size}-to-${newer.size}.add-checkpoint`, request);
  }

  #cosigned(): Uint8Array {
    const checkpoint = this.#log.checkpoint();
    const line = cosignatureLine(checkpoint, witnessKey.key, 1_793_536_496, witnessKey.sign);
    return addCosignatures(checkpoint, Buffer.from(line), [witnessKey.key]);
  }
}

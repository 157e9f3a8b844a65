import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { RosterCommand } from '../../domain/roster/decide.ts';
import { ROSTER_STREAM, restoredDigest } from '../../domain/roster/state.ts';
import { rosterAggregate } from '../../functions/gate/aggregates.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { zoneVersion } from '../../functions/gate/rules.ts';
import type { LogTree } from '../../functions/log/verify/readLog.ts';
import type { FeedPorts } from '../../functions/platform/feed/consumer.ts';
import { readPlainFile } from '../../functions/platform/files.ts';
import { EVERY_FEATURE, type StreamLimit } from '../../functions/platform/ledger.ts';
import { load, loadReadable } from '../../functions/platform/store/load.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import { submit } from '../../functions/platform/store/submit.ts';
import { UnusableFolder } from './errors.ts';
import { syncPath, writeFileAtomically } from './folders.ts';

/**
 * Storage format of the file that marks a restored data folder until it is known that nothing newer is missing: the tree of its log.
 * It guards against mistakes only: a person who can remove it can also replace the databases by older ones.
 */
const Mark = z.strictObject({ size: z.int().min(1), root: z.string() });
type Mark = z.infer<typeof Mark>;

const detailOf = (mark: Mark | 'unreadable'): string =>
  mark === 'unreadable'
    ? 'The data folder was put back from a copy, and its file restored cannot be read: put the copy back once more.'
    : `The data folder was put back from a copy, whose log had ${mark.size} entries. Nothing is on until it is known that nothing newer is missing.`;

/** The mark of one data folder. The process that made it remembers it without the file. */
export class RestoredMark {
  readonly #file: string;
  #made: Mark | undefined;

  constructor(data: string) {
    this.#file = join(data, 'restored');
  }

  get isThere(): boolean {
    return existsSync(this.#file);
  }

  make({ size, root }: LogTree): void {
    this.#made = { size, root: Buffer.from(root).toString('base64') };
    writeFileAtomically(this.#file, `${JSON.stringify(this.#made)}\n`, 0o600);
  }

  /** Marks a folder while it is served, even on a full disk. */
  holdBack(tree: LogTree): void {
    try {
      this.make(tree);
    } catch {
      // This process remembers it.
    }
  }

  end(): void {
    this.#made = undefined;
    rmSync(this.#file, { force: true });
  }

  /** Returns the mark, undefined if there is none. */
  read(): Mark | 'unreadable' | undefined {
    if (!this.isThere) return this.#made;
    try {
      return Mark.parse(JSON.parse(readPlainFile(this.#file).toString()));
    } catch {
      return 'unreadable';
    }
  }

  /**
   * Removes the mark if a witness has seen a log of `size` and nothing newer, and that is what was restored. A witness that has cosigned
   * what was signed since proves nothing about what the copy lacks.
   */
  endWitnessed(size: number): void {
    const mark = this.read();
    if (mark !== undefined && mark !== 'unreadable' && mark.size === size) this.end();
  }

  /**
   * Reports whether a log of `size` (undefined: unknown) may be just what was restored. Such a log is shown to no witness: one that lags
   * would cosign it, and the next start would take that as proof that nothing newer is missing.
   */
  isOnly(size: number | undefined): boolean {
    const mark = this.read();
    return mark !== undefined && (mark === 'unreadable' || size === undefined || size <= mark.size);
  }

  /**
   * Returns the limit of a restored folder: no feature may be read. It ends once two persons have confirmed, in a judged commit, that
   * nothing is missing. `isJudged`: whether a commit of the roster was judged.
   */
  async limits(store: Store, isJudged: FeedPorts['isReleased']): Promise<readonly StreamLimit[]> {
    const mark = this.read();
    if (mark === undefined) return [];
    if (mark !== 'unreadable') {
      const { head, state } = await load(store, rosterAggregate, ROSTER_STREAM);
      if (head !== undefined && state.restored === restoredDigest(mark.size, mark.root) && (await isJudged(head))) return [];
    }
    return [{ stream: EVERY_FEATURE, from: 0, code: 'restored', detail: detailOf(mark) }];
  }
}

interface Asking {
  readonly restored: RestoredMark;
  readonly ports: GatePorts & Pick<FeedPorts, 'isReleased'>;
  readonly everything: Store;
}

const isAsked = async (store: Store): Promise<boolean> => {
  const { proposal } = await loadReadable(store, rosterAggregate, ROSTER_STREAM);
  return proposal !== null && 'size' in proposal;
};

/**
 * Asks the persons who can confirm, unless it is confirmed or an earlier question is still open. Removes the mark once it is confirmed,
 * and withdraws the question once nothing is held back. `replaces`: even while another proposal waits for two persons.
 */
export const askForRestored = async ({ restored, ports, everything }: Asking, replaces: boolean): Promise<void> => {
  const log = restored.read();
  if (log === 'unreadable' || (log === undefined && !(await isAsked(everything)))) return;
  if (log !== undefined && (await restored.limits(everything, ports.isReleased)).length === 0) return restored.end();
  const { zone, since } = await zoneVersion({ ...ports, store: everything });
  // Without a roster nothing could be on, and there is no one to ask.
  await submit({ ...ports, store: everything }, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `restored/${ports.newId()}`,
    actor: 'operator',
    notBefore: since,
    command: (at): RosterCommand => ({ type: 'proposeRestored', at, zone, log, replaces }),
  });
};

/** The file that marks a folder until an import, backup or restore into it is complete. */
const importMark = (data: string): string => join(data, 'importing');

export const isImporting = (data: string): boolean => existsSync(importMark(data));

/** Marks a folder durably as incomplete. A part of an archive is out of date: what was switched off since would be on again. */
export const beginImport = (data: string): void => {
  syncPath(importMark(data), 'a');
  syncPath(data);
};

/** Ends an import: the folder may be opened again. */
export const endImport = (data: string): void => {
  rmSync(importMark(data), { force: true });
  syncPath(data);
};

/** Throws UnusableFolder if an import into a data folder did not end. */
export const assertImported = (data: string): void => {
  if (isImporting(data))
    throw new UnusableFolder(
      `an import or a restoring into ${data} did not end, so it may lack commits: run the same command again, or restore a newer backup, or take an empty folder`,
      null,
    );
};

import type { SequencerPorts } from '../../../../functions/log/sequencer/ports.ts';
import type { Blobs } from '../../../../functions/platform/blobs/port.ts';
import type { SideStore } from '../../../../functions/platform/store/sideStore.ts';

/** How a write fails: it was not stored, or it was stored and the caller got an error. */
export type Fault = 'not persisted' | 'persisted';

class Crash extends Error {
  override readonly name = 'Crash';
}

/** Ports whose writes are counted, and one of which fails; nothing works after it, as after a crash. */
export interface Faulty {
  readonly ports: SequencerPorts;
  readonly writes: readonly string[];
}

/** `isAt`: whether this write fails, of which it is told the name and the number, counted from 1. */
export const faulty = (real: SequencerPorts, isAt: (write: string, number: number) => boolean, fault: Fault): Faulty => {
  const writes: string[] = [];
  let crashed = false;
  const write = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    if (crashed) throw new Crash('already down');
    writes.push(name);
    if (!isAt(name, writes.length)) return work();
    crashed = true;
    if (fault === 'persisted') await work();
    throw new Crash(name);
  };
  const { blobs, sideStore, store } = real;
  const faultyBlobs: Blobs = {
    get: blobs.get,
    open: blobs.open,
    putIfAbsent: (path, bytes) => write(`put ${path}`, () => blobs.putIfAbsent(path, bytes)),
    replace: (path, bytes, known) => write(`replace ${path}`, () => blobs.replace(path, bytes, known)),
    remove: (path) => write(`remove ${path}`, () => blobs.remove(path)),
  };
  const faultySideStore: SideStore = {
    ...sideStore,
    put: (kind, id, value) => write(`side ${kind}`, () => sideStore.put(kind, id, value)),
    remove: (kind, id) => write(`forget ${kind}`, () => sideStore.remove(kind, id)),
  };
  const faultyStore = {
    ...store,
    append: (records: Parameters<typeof store.append>[0]) => write('append', () => store.append(records)),
  };
  return { ports: { ...real, blobs: faultyBlobs, sideStore: faultySideStore, store: faultyStore }, writes };
};

// Storage format of where commits stand in the log, in the side store: derived from stream `log`, and made again when lost.
import * as z from 'zod';
import { digestOf } from '../../../domain/kernel/digest.ts';
import { Digest } from '../../../domain/kernel/zodTypes.ts';
import { FrontierJson } from '../../../domain/log/frontier.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';

const PLACE = 'log-place';
const APPLIED = 'log-applied';
const HELD = 'log-held';
const CURSOR = 'feed-cursor';
const SEQUENCER = 'sequencer';

/** Longest stream name that is part of a key; a longer one is told by its digest. */
const NAME_BYTES_MAX = 900;

const Place = z.strictObject({ index: z.int().min(0), hash: Digest });
/** The index of a commit in the log, and the digest of the bytes that stand there. Written once, never changed. */
export type Place = z.infer<typeof Place>;

/** Up to which version of stream `log` the public files and the places are made, and the tree then. */
const Applied = z.strictObject({ version: z.int().min(1), frontier: FrontierJson });
export type Applied = z.infer<typeof Applied>;

const Held = z.strictObject({ stream: z.string(), version: z.int().min(1), problem: z.string() });
/** A stream whose next commit cannot go into the log, because it is not what its place says. */
export type Held = z.infer<typeof Held>;

const nameOf = (stream: string): string => (Buffer.byteLength(stream) > NAME_BYTES_MAX ? digestOf(stream) : stream);
const idOf = (stream: string, version: number): string => `${version}@${nameOf(stream)}`;

/** Where a commit stands; undefined while it is not in the log. This, commit by commit, is the high-water mark of a stream. */
export const readPlace = async (sideStore: SideStore, stream: string, version: number): Promise<Place | undefined> =>
  Place.safeParse(await sideStore.get(PLACE, idOf(stream, version))).data;

export const putPlace = (sideStore: SideStore, stream: string, version: number, place: Place): Promise<void> =>
  sideStore.put(PLACE, idOf(stream, version), place);

export const readApplied = async (sideStore: SideStore): Promise<Applied | undefined> =>
  Applied.safeParse(await sideStore.get(APPLIED, SEQUENCER)).data;

export const putApplied = (sideStore: SideStore, applied: Applied): Promise<void> => sideStore.put(APPLIED, SEQUENCER, applied);

/** Forgets every place, for a store that was put back to an earlier state: they are then made anew. */
export const forgetPlaces = async (sideStore: SideStore): Promise<void> => {
  await sideStore.remove(APPLIED, SEQUENCER);
  await sideStore.remove(CURSOR, SEQUENCER);
  for (const kind of [PLACE, HELD]) for (const { id } of await sideStore.list(kind)) await sideStore.remove(kind, id);
};

export const heldStreams = async (sideStore: SideStore): Promise<readonly Held[]> =>
  (await sideStore.list(HELD)).flatMap(({ value }) => Held.safeParse(value).data ?? []);

export const hold = (sideStore: SideStore, held: Held): Promise<void> => sideStore.put(HELD, nameOf(held.stream), held);

export const release = (sideStore: SideStore, stream: string): Promise<void> => sideStore.remove(HELD, nameOf(stream));

export const readCursor = async (sideStore: SideStore): Promise<string | undefined> =>
  z.string().safeParse(await sideStore.get(CURSOR, SEQUENCER)).data;

export const putCursor = (sideStore: SideStore, cursor: string): Promise<void> => sideStore.put(CURSOR, SEQUENCER, cursor);

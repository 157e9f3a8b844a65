import * as z from 'zod';
import { Digest, FeatureKey } from '../../domain/kernel/zodTypes.ts';
import type { SideStore } from '../platform/store/sideStore.ts';

/** Side kind, derived: where each document is attached, so that an order about one place leaves the others alone. */
const KIND = 'document-place';

/** A document's place: the change it is attached to, and the revision. */
export const DocumentPlace = z.strictObject({
  sha256: Digest,
  key: FeatureKey,
  change: z.int().min(1),
  revision: z.int().min(1),
});
export type DocumentPlace = z.infer<typeof DocumentPlace>;

/** Records where a document is attached. Repeating it has no effect. */
export const putDocumentPlace = (sideStore: SideStore, place: DocumentPlace): Promise<void> => {
  const { sha256, key, change, revision } = place;
  return sideStore.put(KIND, `${sha256}/${key}/${change}/${revision}`, place);
};

/** Returns where a document is attached. The index may lag by a moment. */
export const documentPlaces = async (sideStore: SideStore, sha256: string): Promise<readonly DocumentPlace[]> =>
  (await sideStore.list(KIND, `${sha256}/`)).flatMap(({ value }) => DocumentPlace.safeParse(value).data ?? []);

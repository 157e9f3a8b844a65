import { featureStream } from '../../domain/feature/keys.ts';
import { hidingAt, type Place, type Redaction, type RedactionState } from '../../domain/redaction/state.ts';
import { namedIn, readRedactions, type TextPorts } from '../gate/redactions.ts';
import { documentPlaces } from './documents.ts';

/**
 * Every place that has the bytes of a digest under orders. A notice names its feature, so its bytes stand in that feature alone; a text
 * is committed to with a salt of its place, so it stands nowhere else.
 */
export const placesOf = async (
  { store, sideStore }: TextPorts,
  what: Redaction['what'],
  orders: RedactionState,
  digest: string,
): Promise<readonly Place[]> => {
  if (what === 'document') return documentPlaces(sideStore, digest);
  const found: Place[] = [];
  if (what === 'text') return found;
  for (const key of new Set(orders.flatMap((order) => order.key ?? []))) {
    for await (const named of namedIn(store, featureStream(key)))
      if (named.what === what && named.commitment === digest) found.push(named);
  }
  return found;
};

/**
 * The order that hides a raw notice or a document from everybody who asks by its digest; undefined without one, or if any place that
 * has it is under none.
 */
export const hidingBytes = async (
  ports: TextPorts,
  what: 'notice' | 'document',
  digest: string,
): Promise<Redaction | undefined> => {
  const orders = await readRedactions(ports.store, digest);
  const inForce = orders.filter(({ status }) => status === 'withheld');
  const everywhere = inForce.find((order) => order.everywhere);
  if (everywhere !== undefined || inForce.length === 0) return everywhere;
  const places = await placesOf(ports, what, inForce, digest);
  return places.every((place) => hidingAt(inForce, place) !== undefined) ? inForce[0] : undefined;
};

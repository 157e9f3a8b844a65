import type { Variant } from '../../../../../domain/feature/evaluate.ts';
import type { NoticeFacts } from '../../../../../domain/feature/notice.ts';

/** Wire format. What was seen of a key at its vendor, last. */
export interface Seen {
  readonly on: boolean;
  readonly observedAt: string;
  readonly source: string;
}

/** Wire format. Whose decision something rests on. */
export interface DecidedBy {
  readonly name: string;
  readonly fileNumber: string | null;
}

/** Wire format. One thing to do in a vendor's console, as no vendor has an interface for it. */
export interface WorkItem {
  readonly action: 'off' | 'on';
  /** Seen on at the vendor and not allowed to be: first of all. */
  readonly urgent: boolean;
  readonly vendor: string;
  readonly vendorName: string;
  readonly key: string;
  readonly title: string | null;
  readonly status: Variant;
  /** The instant since when it is so; null for what nobody ever decided on. */
  readonly since: string | null;
  readonly change: string | null;
  readonly by: readonly DecidedBy[];
  readonly version: string | null;
  readonly validUntil: string | null;
  readonly audience: readonly string[] | null;
  readonly conditions: readonly string[];
  readonly seen: Seen | null;
  /** Where the vendor's words say how: its summary and its documents. */
  readonly hint: { readonly summary: string; readonly documents: NoticeFacts['documents'] } | null;
}

/** Everything to do, what must go off before what may go on; `settled`: how many were seen to be as they should be. */
export interface Worklist {
  readonly items: readonly WorkItem[];
  readonly settled: number;
  readonly asOf: string;
}

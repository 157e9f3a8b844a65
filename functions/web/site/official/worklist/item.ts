import type { Variant } from '../../../../../domain/feature/evaluate.ts';
import type { NoticeFacts } from '../../../../../domain/feature/notice.ts';

/** Wire format. The latest observation of a key at its vendor. */
export interface Seen {
  readonly on: boolean;
  readonly observedAt: string;
  readonly source: string;
}

/** Wire format. Who decided. */
export interface DecidedBy {
  readonly name: string;
  readonly fileNumber: string | null;
}

/** Wire format. One task in a vendor's console. */
export interface WorkItem {
  readonly action: 'off' | 'on';
  /** On without permission: comes first. */
  readonly urgent: boolean;
  readonly vendor: string;
  readonly vendorName: string;
  readonly key: string;
  readonly title: string | null;
  readonly status: Variant;
  /** Since when it is so; null if no decision was ever made. */
  readonly since: string | null;
  readonly change: string | null;
  readonly by: readonly DecidedBy[];
  readonly version: string | null;
  readonly validUntil: string | null;
  readonly audience: readonly string[] | null;
  readonly conditions: readonly string[];
  readonly seen: Seen | null;
  /** The vendor's summary and documents, which may say how. */
  readonly hint: { readonly summary: string; readonly documents: NoticeFacts['documents'] } | null;
}

/** A page of the tasks, those that switch off first. `settled`: how many keys of all were seen as they should be. */
export interface Worklist {
  readonly items: readonly WorkItem[];
  /** The cursor of the next page; null at the end. */
  readonly next: string | null;
  readonly settled: number;
  /** Changes that every body approved, and that stay off because one person alone acted for them. */
  readonly lackPersons: readonly string[];
  readonly asOf: string;
}

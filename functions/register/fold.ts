import { changesTouched } from '../../domain/feature/eventFacts.ts';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { type FeatureState, initialState, STATE_VERSION } from '../../domain/feature/state.ts';
import { foldChange, VIEW_VERSION } from '../../domain/feature/view.ts';
import type { ChangeDoc, RegisterDoc } from './docs.ts';
import type { DocumentPlace } from './documentPlaces.ts';
import { LINES_MAX, lineOf } from './line.ts';

/** The register keeps for this many changes the version that touched each last. */
const TOUCHED_MAX = 2_000;

/** One commit, as far as the register needs it. */
export interface FoldableCommit {
  readonly version: number;
  readonly at: string;
  readonly events: readonly FeatureEvent[];
}

/** Returns the register document of a feature before its first commit. */
export const emptyRegister = (key: string): RegisterDoc => ({
  viewVersion: VIEW_VERSION,
  stateVersion: STATE_VERSION,
  key,
  version: 0,
  at: null,
  title: null,
  kind: null,
  named: false,
  newest: 0,
  unreadable: false,
  touched: {},
  lines: [],
  state: initialState,
});

type Headline = Pick<RegisterDoc, 'title' | 'kind' | 'named' | 'newest'>;

/** Folds commits of one feature, one after the other, onto a read model. Mutable, so that a long history takes linear time. */
export class Folding {
  readonly changes: Map<number, ChangeDoc>;
  /** The documents that the commits attach. */
  readonly documents: DocumentPlace[] = [];
  readonly #touched: Map<number, number>;
  #register: RegisterDoc;

  /** `changes` must hold every change the commits touch, except those they begin. */
  constructor(register: RegisterDoc, changes: ReadonlyMap<number, ChangeDoc> = new Map()) {
    this.#register = register;
    this.changes = new Map(changes);
    this.#touched = new Map(Object.entries(register.touched).map(([n, version]) => [Number(n), version]));
  }

  get version(): number {
    return this.#register.version;
  }

  /**
   * Folds one more commit. A change whose document already has this commit, after a crash between the two writes or a faster run, is
   * left as it is.
   */
  add({ version, at, events }: FoldableCommit): void {
    const ahead = new Set([...this.changes].filter(([, doc]) => doc.version >= version).map(([n]) => n));
    for (const event of events) {
      if (event.type === 'DocumentAttached') {
        const { sha256, change, revision } = event;
        this.documents.push({ sha256, key: this.#register.key, change, revision });
      }
      for (const n of changesTouched(event)) {
        this.#touched.set(n, version);
        if (!ahead.has(n)) this.#fold(n, event, version);
      }
      this.#register = { ...this.#register, ...this.#headline(event) };
    }
    this.#register = { ...this.#register, version, at };
  }

  #fold(n: number, event: FeatureEvent, version: number): void {
    const view = foldChange(this.changes.get(n)?.view, event, version);
    if (view === undefined) throw new Error(`broken invariant: change ${n} was never notified`);
    this.changes.set(n, { viewVersion: VIEW_VERSION, version, view });
  }

  /** A feature is named by the revision that came into force last; until there is one, by the newest notice that is not a removal. */
  #headline(event: FeatureEvent): Headline {
    const { title, kind, named, newest } = this.#register;
    if (event.type === 'ApprovalBegan' || (event.type === 'ChangeApproved' && (event.becomes === 'in-force' || !named))) {
      const notice = this.changes.get(event.change)?.view.revisions.at(-1)?.notice;
      return { title: notice?.title ?? title, kind: notice?.kind ?? kind, named: true, newest };
    }
    if (event.type !== 'ChangeNotified' && event.type !== 'ChangeRevised') return { title, kind, named, newest };
    const counted = Math.max(newest, event.change);
    const keeps = named || (event.notice.kind === 'removal' && title !== null);
    return keeps
      ? { title, kind, named, newest: counted }
      : { title: event.notice.title, kind: event.notice.kind, named: false, newest: counted };
  }

  /** Returns the register document. `state`: the state after the last commit. */
  register(state: FeatureState): RegisterDoc {
    const newest = [...this.#touched].sort(([a], [b]) => a - b).slice(-TOUCHED_MAX);
    return {
      ...this.#register,
      state,
      unreadable: false,
      lines: this.#lines(),
      touched: Object.fromEntries(newest.map(([n, version]) => [String(n), version])),
    };
  }

  /** Returns the lines known before, replaced where a change was folded. */
  #lines(): RegisterDoc['lines'] {
    const lines = new Map(this.#register.lines.map((line) => [line.n, line]));
    for (const [n, { view }] of this.changes) {
      const line = lineOf(view);
      if (line !== undefined) lines.set(n, line);
    }
    return [...lines.values()].sort((a, b) => a.n - b.n).slice(-LINES_MAX);
  }
}

import type { Finding, HealthCheck } from './health.ts';
import { CorruptStore } from './store/errors.ts';
import { isSideKind } from './store/sideKinds.ts';
import type { AlteredRecord, SideStore } from './store/sideStore.ts';

/** `look` reads it again, which finds it again unless it was mended. */
interface Alteration extends Finding {
  readonly look: (sideStore: SideStore) => Promise<unknown>;
}

/** A store that was rewritten as a whole must not fill the memory. */
const KNOWN_MAX = 1_000;
/** The part of a record's id that a finding names: some ids are hashes of links. */
const ID_CHARS = 40;

const rowDetail = (problem: string): string => `${problem}. What rests on it answers false.`;

/** Collects rows and records without a valid MAC. `announce` is called once for each. */
export class Alterations {
  readonly #known = new Map<string, Alteration>();
  readonly #announced = new Set<string>();
  announce: (name: string, finding: Finding) => void;

  constructor(announce: (name: string, finding: Finding) => void = () => undefined) {
    this.announce = announce;
  }

  readonly record = ({ kind, id, problem }: AlteredRecord): void => {
    const detail = `The record ${kind}/${id.slice(0, ID_CHARS)} was not written by this gate: ${problem}. It counts as absent.`;
    this.#add(`record/${kind}/${id}`, {
      code: 'record-altered',
      detail,
      look: async (sideStore) => (isSideKind(kind) ? sideStore.get(kind, id) : undefined),
    });
  };

  readonly row = (stream: string, problem: string, look: () => Promise<unknown>): void =>
    this.#add(`row/${stream}`, { code: 'row-altered', detail: rowDetail(problem), look });

  /** The present alterations: looks at each known one again, so that what was mended is forgotten. */
  async present(sideStore: SideStore): Promise<readonly Finding[]> {
    const known = [...this.#known.values()];
    this.#known.clear();
    for (const { look } of known)
      await look(sideStore).catch((error: unknown) => {
        if (!(error instanceof CorruptStore)) throw error;
      });
    return [...this.#known.values()].map(({ code, detail }) => ({ code, detail }));
  }

  #add(name: string, found: Alteration): void {
    if (this.#known.size >= KNOWN_MAX && !this.#known.has(name)) return;
    this.#known.set(name, found);
    if (this.#announced.has(name) || this.#announced.size >= KNOWN_MAX) return;
    this.#announced.add(name);
    this.announce(name, { code: found.code, detail: found.detail });
  }
}

const WATCHED_KINDS = [
  'vendor-secret',
  'vendor',
  'vendor-form',
  'token',
  'directory',
  'directory-proposed',
  'subscription',
] as const;

/** Finds altered rows and records: those that were met, and any of the watched kinds. */
export const alterationsCheck =
  (alterations: Alterations, sideStore: SideStore): HealthCheck =>
  async () => {
    for (const kind of WATCHED_KINDS) await sideStore.list(kind);
    return alterations.present(sideStore);
  };

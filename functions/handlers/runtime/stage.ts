// Storage format, side kind `stage`: `importing`: the source of an import, which writes it before its first commit and removes it after its
// last write.
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { Digest, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { POLICY_STREAM } from '../../../domain/policy/decide.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import type { Finding } from '../../platform/health.ts';
import { errorFields } from '../../platform/logging.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import type { Store } from '../../platform/store/port.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { logger } from './invocation.ts';

export const STAGE_KIND = 'stage';
const IMPORTING = 'importing';

/**
 * A stage is `closed` until the first act of its operator: a roster, a policy or an import. Its functions run from deployment, but
 * write nothing before that, since an import requires an empty store. `importing`: an import runs or was interrupted.
 */
export type StageStanding = 'closed' | 'importing' | 'open';

/** `unknown` while the tables cannot be read. */
type SeenStanding = StageStanding | 'unknown';

/** `isPublished`: reports whether the public log has a commit. Absent if the function cannot read the log. */
interface StagePorts {
  readonly commits: Store;
  readonly sideStore: SideStore;
  readonly isPublished?: () => Promise<boolean>;
}

/** Counts an unreadable head as present. */
const hasHead = async (commits: Store, stream: string): Promise<boolean> =>
  ifReadable(
    commits.head(stream).then((head) => head !== undefined),
    () => true,
  );

const hasRules = async (commits: Store): Promise<boolean> => {
  const heads = await Promise.all([ROSTER_STREAM, POLICY_STREAM].map((stream) => hasHead(commits, stream)));
  return heads.includes(true);
};

/**
 * Reads the heads before the mark, so a running import's head is seen with its mark, or after its last write. If something is
 * published, no import runs, whatever mark was put back.
 */
export const stageStanding = async ({ commits, sideStore, isPublished }: StagePorts): Promise<StageStanding> => {
  if ((await isPublished?.()) === true) return 'open';
  const isEntered = await hasRules(commits);
  if ((await sideStore.get(STAGE_KIND, IMPORTING)) !== undefined) return 'importing';
  return isEntered ? 'open' : 'closed';
};

const ImportSource = strictObject(() => ({ archive: Digest, privatePart: Digest.nullable(), keepLinks: z.boolean() }));
/** The source of an import: the digests of its files, and whether the links of the private part stay valid. */
export type ImportSource = z.infer<typeof ImportSource>;

const sourceText = ({ archive, privatePart, keepLinks }: ImportSource): string => {
  const people = privatePart === null ? 'without a private part' : `with the private part ${privatePart}`;
  return `of the archive ${archive} ${people}${keepLinks ? ' and --keep-links' : ''}`;
};

const OTHER_STAGE = 'deploy another stage, and import into that';

/** Thrown if an import does not continue the interrupted one: the stage would open with a part of each. */
export class OtherImport extends Error {
  override readonly name = 'OtherImport';
  constructor(begun: unknown) {
    const { data } = ImportSource.safeParse(begun);
    super(
      data === undefined
        ? `an import of unknown files was interrupted: ${OTHER_STAGE}`
        : `an import ${sourceText(data)} was interrupted: run it again with the same files and options, or ${OTHER_STAGE}`,
    );
  }
}

/** Before any token, too: an archive is imported into an empty store. */
export const FIRST_ACT = `an import is the first act in a stage, before any token, roster or policy: ${OTHER_STAGE}`;

/** Thrown if the stage of an import is open. */
export class StageIsOpen extends Error {
  override readonly name = 'StageIsOpen';
  constructor(why = `it has a roster or a policy: ${FIRST_ACT}`) {
    super(`the stage is open, ${why}`);
  }
}

/** Throws {@link OtherImport} if an import of another source has begun and not ended. */
export const assertNoOtherImport = async (sideStore: SideStore, source: ImportSource): Promise<void> => {
  const begun = await sideStore.get(STAGE_KIND, IMPORTING);
  if (begun !== undefined && !isDeepStrictEqual(begun, source)) throw new OtherImport(begun);
};

export const clearImporting = (sideStore: SideStore): Promise<void> => sideStore.remove(STAGE_KIND, IMPORTING);

/**
 * Marks that `source` is being imported into a stage. Throws {@link OtherImport} if another source is, and {@link StageIsOpen} if it was
 * opened meanwhile: functions that saw it open no longer check, and would answer from half a history.
 */
export const markImporting = async ({ commits, sideStore }: StagePorts, source: ImportSource): Promise<void> => {
  if (await sideStore.putIfAbsent(STAGE_KIND, IMPORTING, source)) {
    if (!(await hasRules(commits))) return;
    await clearImporting(sideStore);
    throw new StageIsOpen();
  }
  // Not even one that has just ended.
  const begun = await sideStore.get(STAGE_KIND, IMPORTING);
  if (!isDeepStrictEqual(begun, source)) throw new OtherImport(begun);
};

/**
 * Returns a side store that throws {@link StageIsOpen} at the first write after another run of the same import ended: the stage has
 * newer records since.
 */
export const whileImporting = (sideStore: SideStore, source: ImportSource): SideStore => ({
  ...sideStore,
  put: async (...record) => {
    if (!isDeepStrictEqual(await sideStore.get(STAGE_KIND, IMPORTING), source))
      throw new StageIsOpen('another run of this import has ended');
    await sideStore.put(...record);
  },
});

const DETAILS: Readonly<Partial<Record<SeenStanding, string>>> = {
  closed: 'This stage has no roster and no policy yet: enter them, or import an archive into it.',
  importing: 'An archive is being imported. If that was interrupted, run the same import again.',
};

/** Returns the findings on `/readyz` for a stage that is not open. */
export const closedFindings = (standing: SeenStanding): readonly Finding[] => {
  const detail = DETAILS[standing];
  return detail === undefined ? [] : [{ code: 'closed', detail }];
};

/**
 * Returns the handler of a function that follows commits. `make` makes it at the first event after the stage opened, not earlier,
 * since an import may replace keys. An open stage is not checked again. Until then `whileClosed` handles events.
 */
export const whenOpen = <E, R>(
  ports: StagePorts,
  make: () => Promise<(event: E) => Promise<R>>,
  whileClosed: (event: E) => Promise<R | undefined> = async () => undefined,
): ((event: E) => Promise<R | undefined>) => {
  let made: Promise<(event: E) => Promise<R>> | undefined;
  return async (event) => {
    if (made === undefined) {
      if ((await stageStanding(ports)) !== 'open') return whileClosed(event);
      made = make();
      made.catch(() => {
        made = undefined;
      });
    }
    return (await made)(event);
  };
};

/** The current HTTP app, and the standing of the stage. */
export interface Staged<T> {
  readonly standing: SeenStanding;
  readonly made: T;
}

const standingIfKnown = (ports: StagePorts): Promise<SeenStanding> =>
  stageStanding(ports).catch((error: unknown) => {
    logger({ level: 'error', event: 'stage not known', ...errorFields(error) });
    return 'unknown';
  });

/**
 * Makes the HTTP app, and makes it again once the stage opens, ports and keys included: an import may have replaced keys.
 * `make` reads its keys after the stage was checked, so no key from before an import outlives it.
 */
export const staged = async <P extends StagePorts, T>(
  openPorts: () => Promise<P>,
  make: (ports: P, standing: () => SeenStanding) => Promise<T>,
): Promise<() => Promise<Staged<T>>> => {
  let standing: SeenStanding = 'unknown';
  const open = async (): Promise<{ readonly ports: P; readonly made: T }> => {
    const ports = await openPorts();
    const found = await standingIfKnown(ports);
    const made = await make(ports, () => standing);
    standing = found;
    return { ports, made };
  };
  let opened = await open();
  return async () => {
    if (standing !== 'open') {
      const now = await standingIfKnown(opened.ports);
      if (now === 'open') opened = await open();
      else standing = now;
    }
    return { standing, made: opened.made };
  };
};

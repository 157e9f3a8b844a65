import { changeId } from '../../domain/feature/keys.ts';
import { pinBreakages } from '../../domain/policy/check.ts';
import type { Roster } from '../../domain/roster/schema.ts';
import { listChanges } from './listChanges.ts';
import type { RegisterPorts } from './registerIndex.ts';

/** Open changes that are looked at: far more than a city has open at once. */
const CHANGES_MAX = 1_000;

/** An open change whose pinned rule could not be met under a roster, and why. */
export interface BrokenPin {
  readonly change: string;
  readonly problems: readonly string[];
}

/** Returns the open changes that could not be approved any more, or by one person alone, under a roster. May lag by a moment. */
export const brokenPins = async (
  ports: RegisterPorts & { readonly clock: () => string },
  roster: Roster,
): Promise<readonly BrokenPin[]> => {
  const now = ports.clock();
  const pages = await Promise.all(
    (['pending', 'vetoed'] as const).map((status) => listChanges(ports, { status, limit: CHANGES_MAX, now })),
  );
  return pages
    .flatMap((page) => page?.items ?? [])
    .flatMap(({ view }) => {
      const problems = view.pinned === null ? [] : pinBreakages(view.pinned, roster);
      return problems.length === 0 ? [] : [{ change: changeId(view.key, view.number), problems }];
    });
};

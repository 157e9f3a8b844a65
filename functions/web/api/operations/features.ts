import type { EvaluationContext } from '../../../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../../../domain/feature/events.ts';
import { featureStream } from '../../../../domain/feature/keys.ts';
import { presentChange } from '../../../../domain/feature/present.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import { featureAggregate } from '../../../gate/aggregates.ts';
import { namedBy, readHiding } from '../../../gate/redactions.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { commitsAbove, eventsOf } from '../../../platform/store/load.ts';
import type { Store, StoredCommit } from '../../../platform/store/port.ts';
import { commitOf } from '../../../platform/store/record.ts';
import { mapInTurns } from '../../../platform/turns.ts';
import { listFeatures } from '../../../register/lists.ts';
import { readChange } from '../../../register/project.ts';
import { type HistoryEntry, historyEntry } from '../../../register/views/changeJson.ts';
import { confirmedRows, readFeatureJson } from '../../../register/views/featureJson.ts';
import { pastInstant, requirePage } from '../../http/input.ts';
import { refused } from '../../http/problems.ts';
import type { Caller } from '../../http/tokens.ts';
import { type ApiDeps, handling } from '../bind.ts';

/** Throws Refused (403) if the token answers for other agencies. */
const contextOf = ({ agencies: own }: Caller, agency: string | undefined): EvaluationContext => {
  if (agency !== undefined && own.length > 0 && !own.includes(agency))
    throw refused('other-agency', { detail: `the token answers for ${own.join(', ')} only` });
  return { agencies: agency === undefined ? own : [agency], own };
};

const CURSOR = /^[1-9][0-9]{0,8}$/;

/** Reads the views after the commits, so that no view is older than a commit. They show whether a ballot is still open. */
const viewsOf = async (
  { ports }: ApiDeps,
  key: string,
  numbers: ReadonlySet<number>,
): Promise<ReadonlyMap<number, ChangeView>> => {
  const now = ports.clock();
  const readings = await Promise.all([...numbers].map((n) => ifReadable(readChange(ports, key, n))));
  return new Map(
    readings.flatMap((reading) => {
      if (reading === undefined) return [];
      const view = presentChange(reading, now);
      return [[view.number, view] as const];
    }),
  );
};

/** Leaves an entry that hides its commitment unchanged. */
const withRedaction = async (
  { ports }: ApiDeps,
  stream: string,
  event: FeatureEvent,
  entry: HistoryEntry,
): Promise<HistoryEntry> => {
  const text = namedBy(stream, event).find(({ what }) => what === 'text');
  if (text === undefined || (entry['comment'] ?? entry['reason']) !== text.commitment) return entry;
  const hiding = await readHiding(ports.store, text.commitment, text);
  if (hiding === undefined) return entry;
  const { status, at, reason, authority, fileNumber } = hiding;
  return { ...entry, redacted: { status, at, reason, authority, fileNumber } };
};

const entriesOf = async (deps: ApiDeps, key: string, commits: readonly StoredCommit[]): Promise<readonly HistoryEntry[]> => {
  const read = await mapInTurns(commits, async (record) => {
    const { actor, version } = commitOf(record);
    return eventsOf(featureAggregate, record).map((event) => ({ event, actor, version }));
  });
  const events = read.flat();
  const balloted = new Set(events.filter(({ event }) => event.type === 'BallotCast').map(({ event }) => event.change));
  const views = await viewsOf(deps, key, balloted);
  return mapInTurns(events, async ({ event, actor, version }) =>
    withRedaction(deps, featureStream(key), event, historyEntry(key, event, { version, actor }, views.get(event.change))),
  );
};

const firstAbove = async (store: Store, stream: string, after: number, count: number): Promise<readonly StoredCommit[]> => {
  const commits: StoredCommit[] = [];
  for await (const commit of commitsAbove(store, stream, after)) {
    commits.push(commit);
    if (commits.length === count) break;
  }
  return commits;
};

/** Confirms each feature on strongly consistent heads; pages of the history consist of whole commits. */
export const featureHandlers = handling((deps) => ({
  '/v1/features': {
    GET: async ({ caller, query: { prefix, status, agency, limit, cursor } }) => {
      const context = contextOf(caller, agency);
      const page = requirePage(
        await listFeatures(deps.ports, { prefix, status, cursor, limit, now: deps.ports.clock(), context }),
      );
      const rows = await confirmedRows(deps.ports, page.items, { context, checkpoint: deps.checkpoint() });
      const items = status === undefined ? rows : rows.filter((row) => row.status === status);
      return { body: { items, next: page.next } };
    },
  },
  '/v1/features/{key}': {
    GET: async ({ params: { key }, caller, query: { at, agency } }) => {
      const instant = at === undefined ? undefined : pastInstant(at, deps.ports);
      const question = { context: contextOf(caller, agency), at: instant, checkpoint: deps.checkpoint() };
      return { body: await readFeatureJson(deps.ports, key, question) };
    },
  },
  '/v1/features/{key}/history': {
    GET: async ({ params: { key }, query: { limit, cursor } }) => {
      const after = requirePage(cursor === undefined ? 0 : CURSOR.test(cursor) ? Number(cursor) : undefined);
      const commits = await firstAbove(deps.ports.store, featureStream(key), after, limit + 1);
      const page = commits.slice(0, limit);
      const next = commits.length > limit ? String(page.at(-1)?.version) : null;
      return { body: { items: await entriesOf(deps, key, page), next } };
    },
  },
}));

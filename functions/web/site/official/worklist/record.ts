import { changeId, vendorOf } from '../../../../../domain/feature/keys.ts';
import { canonical } from '../../../../../domain/kernel/canonical.ts';
import { digestOf } from '../../../../../domain/kernel/digest.ts';
import { FEATURES_MAX, type Observed } from '../../../../../domain/observation/events.ts';
import { observationStream } from '../../../../../domain/observation/state.ts';
import { recordOptOut } from '../../../../gate/optOuts.ts';
import { keysCountedFor } from '../../../../register/derived/lists.ts';
import { recordSeen } from '../../../../register/derived/reported.ts';
import { readChange } from '../../../../register/read.ts';
import type { Caller } from '../../../http/credentials.ts';
import type { SiteDeps } from '../../deps.ts';
import type { OptOutAct, SeenAct, WorkAct } from './acts.ts';

/** The source of what a token without one reports here. */
const WORKLIST = 'worklist';

/** What is on record: streams of observations, and changes that the city opted out of. */
export interface Recording {
  readonly recorded: readonly string[];
  readonly refused: readonly { readonly code: string; readonly detail: string }[];
}

const saidAlike = ({ key, note, evidence }: SeenAct): string => JSON.stringify([vendorOf(key), note, evidence]);

/** The keys of a report that one act names. */
const featuresOf = async ({ ports }: SiteDeps, { key, value, below }: SeenAct): Promise<Observed> => {
  const beneath = below ? await keysCountedFor(ports.sideStore, key) : [];
  return Object.fromEntries([...beneath.map((each) => [each, false] as const), [key, value] as const]);
};

const refusal = (code: string, detail: string): Recording => ({ recorded: [], refused: [{ code, detail }] });

/** Records that the city opted out. The same record again is on record already. */
const recordOut = async ({ ports }: SiteDeps, { name, person }: Caller, act: OptOutAct): Promise<Recording> => {
  const { key, n } = act;
  const change = changeId(key, n);
  if (person === null) return refusal('token-without-person', 'an opt-out is recorded by a token of a person');
  const known = await readChange(ports, key, n);
  if (known === undefined) return refusal('unknown-change', `there is no change ${change}`);
  const said = { ...act, caller: { name, person } };
  const done = await recordOptOut(ports, said, known.view.optOut);
  return done.ok ? { recorded: [change], refused: [] } : refusal(done.rejection.code, `${change}: ${done.rejection.detail}`);
};

/** Records acts with the same note and file as one report, or several where one would be too large. */
const recordSeenActs = async (deps: SiteDeps, caller: Caller, acts: readonly SeenAct[]): Promise<Recording> => {
  const [{ key, note, evidence } = { key: '', note: null, evidence: null }] = acts;
  const features = Object.assign({}, ...(await Promise.all(acts.map((act) => featuresOf(deps, act))))) as Observed;
  const [vendor, source, observedAt] = [vendorOf(key), caller.source ?? WORKLIST, deps.ports.clock()];
  const recorded: string[] = [];
  for (let entries = Object.entries(features); entries.length > 0; entries = entries.slice(FEATURES_MAX)) {
    const facts = { source, observedAt, features: Object.fromEntries(entries.slice(0, FEATURES_MAX)), evidence, note };
    const done = await recordSeen(deps.ports, {
      vendor,
      facts,
      commandId: `worklist/${caller.name}/${digestOf(Buffer.from(canonical({ vendor, ...facts })))}`,
      actor: `token:${caller.name}`,
      person: caller.person,
    });
    if (!done.ok) return { recorded, refused: [done.rejection] };
    recorded.push(observationStream(vendor, source, false));
  }
  return { recorded, refused: [] };
};

/** Records what a person did or saw, in the name of the person of the token. What was recorded stays, whatever is refused after it. */
export const recordActs = async (deps: SiteDeps, caller: Caller, acts: readonly WorkAct[]): Promise<Recording> => {
  const done: Recording[] = [];
  for (const act of acts) if (act.type === 'opted-out') done.push(await recordOut(deps, caller, act));
  const seen = acts.filter((act) => act.type === 'seen');
  for (const alike of Map.groupBy(seen, saidAlike).values()) done.push(await recordSeenActs(deps, caller, alike));
  return { recorded: done.flatMap(({ recorded }) => recorded), refused: done.flatMap(({ refused }) => refused) };
};

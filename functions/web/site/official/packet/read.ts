import { changeId } from '../../../../../domain/feature/keys.ts';
import type { FeatureState } from '../../../../../domain/feature/state.ts';
import type { ChangeView } from '../../../../../domain/feature/view.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { readRules } from '../../../../gate/rules.ts';
import { presentChange, readChange } from '../../../../register/read.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { refused } from '../../../http/refused.ts';
import type { SiteDeps } from '../../deps.ts';
import type { Locale } from '../../locale.ts';
import { type OfficialTexts, withheldOf } from '../../parts/officialTexts.ts';
import { type PolicyChange, policyChangeOf } from '../../parts/policyChange.ts';
import { type ComparedText, comparisonsOf, revisionTextOf } from '../../parts/revisionText.ts';
import { vendorName } from '../../vendors.ts';

/** Most changes of one packet: as many as one resolution. */
export const PACKET_MAX = 40;

/** One change of a packet, as it stands now. */
export interface Enclosed {
  readonly id: string;
  readonly url: string;
  readonly view: ChangeView;
  readonly state: FeatureState;
  readonly vendor: string;
  readonly words: ComparedText;
  /** What orders withhold of its documents. */
  readonly withheld: OfficialTexts;
  /** The differences in the rules that a change of the policy makes; undefined for every other change. */
  readonly policy: PolicyChange | undefined;
}

/** The contents of a packet: the changes in the given order, and the roster. */
export interface Packet {
  readonly roster: Roster | null;
  readonly changes: readonly Enclosed[];
}

const enclose = async (
  deps: SiteDeps,
  locale: Locale,
  { key, n }: { readonly key: string; readonly n: number },
): Promise<Enclosed> => {
  const { ports } = deps;
  const id = changeId(key, n);
  const [reading, vendor] = await Promise.all([readChange(ports, key, n), vendorName(ports, key)]);
  if (reading === undefined) throw refused('not-found', { detail: `there is no change ${id}` });
  const view = presentChange(reading.view, reading.state, locale.now);
  const { state } = reading;
  const [current, earlier, withheld, policy] = await Promise.all([
    revisionTextOf(deps, view, latestOf(view), 'public'),
    comparisonsOf(deps, locale, { view, state }, 'public'),
    withheldOf(deps, view),
    policyChangeOf(deps, view, latestOf(view)),
  ]);
  return { id, url: `${ports.url}/changes/${id}`, view, state, vendor, words: { current, earlier }, withheld, policy };
};

/** Reads a packet; 404 when one of the changes does not exist. */
export const readPacket = async (
  deps: SiteDeps,
  locale: Locale,
  named: readonly { readonly key: string; readonly n: number }[],
): Promise<Packet> => {
  const [{ roster }, ...changes] = await Promise.all([
    readRules(deps.ports),
    ...named.map((each) => enclose(deps, locale, each)),
  ]);
  return { roster: roster?.roster ?? null, changes };
};

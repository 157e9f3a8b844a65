import { effectOf, type LimitsAbove, limitsAbove } from '../../../domain/feature/effect.ts';
import { changeId, prefixesOf } from '../../../domain/feature/keys.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { bodyOf } from '../../../domain/policy/seats.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { headsOf } from '../../gate/heads.ts';
import type { LinkTarget } from '../../gate/links.ts';
import type { Seated } from '../../gate/linksFor.ts';
import type { AlarmCode } from '../../platform/mail/words.ts';
import type { ChangeReading } from '../../register/read.ts';
import { presentChange } from '../../register/read.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { clerksOf, type Draft, type Recipient } from './draft.ts';
import * as letters from './letters.ts';

/** The facts from which mails about a change are drafted: the change as it stands, and who is in office. */
export interface Scene {
  readonly reading: ChangeReading;
  readonly roster: Roster;
  readonly now: string;
  readonly zone: string;
  readonly url: string;
  /** The limits that the approvals in force above the feature's key set for it. */
  readonly above: readonly LimitsAbove[];
}

/** Why a requirement cannot be met, for the log and the clerk. */
export interface RosterAlarm {
  readonly requirement: string;
  readonly code: AlarmCode;
  readonly body: string;
}

/** The mails for one trigger, and the alarms to be logged with them. */
export interface Drafted {
  readonly drafts: readonly Draft[];
  readonly alarms: readonly RosterAlarm[];
}

/** Reads the limits that approvals above a key set for it now, strongly consistent; a key without a prefix costs no read. */
export const readLimitsAbove = async (ports: Parameters<typeof headsOf>[0], key: string): Promise<readonly LimitsAbove[]> => {
  if (prefixesOf(key).length === 1) return [];
  const { heads, at } = await headsOf(ports, key);
  return limitsAbove(key, heads, at);
};

/** No mail and no alarm. */
export const NOTHING: Drafted = { drafts: [], alarms: [] };

/** Returns what a letter about the change states. */
export const aboutOf = ({ reading, roster, now, zone, url, above }: Scene): letters.About => {
  const view = presentChange(reading.view, reading.state, now);
  return {
    view,
    now,
    zone,
    url,
    effect: effectOf(view, { at: now, zone, above }),
    name: (body) => bodyOf(roster, body)?.name ?? body,
  };
};

/** Returns the change and the revision that every draft names. */
export const draftBase = ({ view }: letters.About) => ({
  change: changeId(view.key, view.number),
  revision: latestOf(view).revision,
});

/** Returns the link target of a person in a seat for a requirement. */
export const linkTargetOf = ({ view }: letters.About, { holder, body, seat }: Seated, requirement: string): LinkTarget => ({
  purpose: 'decide',
  holder: holder.id,
  body,
  seat,
  requirement,
  key: view.key,
  n: view.number,
  revision: latestOf(view).revision,
});

/** Returns the alarms of a change with one mail about all of them to each clerk, and to `others`. */
export const alarmed = (
  scene: Scene,
  about: letters.About,
  alarms: readonly RosterAlarm[],
  purpose: string,
  others: readonly Recipient[] = [],
): Drafted => ({
  alarms,
  drafts:
    alarms.length === 0
      ? []
      : [...clerksOf(scene.roster, localMoment(scene.now, scene.zone)).map((holder) => ({ holder })), ...others].map((to) => ({
          ...draftBase(about),
          to,
          purpose: `alarm/${purpose}`,
          write: (words) => letters.alarmLetter(words, about, alarms),
        })),
});

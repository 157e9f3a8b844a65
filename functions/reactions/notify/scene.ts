import { effectOf } from '../../../domain/feature/effect.ts';
import type { Head } from '../../../domain/feature/evaluate.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import type { NoticeFacts } from '../../../domain/feature/notice.ts';
import { shownApproval } from '../../../domain/feature/state.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { bodyOf } from '../../../domain/policy/seats.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { headsWith } from '../../gate/heads.ts';
import type { LinkTarget } from '../../gate/links.ts';
import type { Seated } from '../../gate/linksFor.ts';
import type { AlarmCode } from '../../platform/mail/words.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import type { ProjectorPorts } from '../../register/project.ts';
import { type ChangeReading, presentChange, readChange } from '../../register/read.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { clerksOf, type Draft, type Recipient } from './draft.ts';
import * as letters from './letters.ts';

/** What mails about a change are drafted from. */
type HeadPorts = Parameters<typeof headsWith>[0];

/** `heads`: of the feature's key, as for `evaluate`; `replaced`: the notice approved last, if it is another change's. */
export interface Surroundings {
  readonly heads: readonly Head[];
  readonly replaced: NoticeFacts | null;
}

export const readSurroundings = async (
  ports: ProjectorPorts & HeadPorts,
  { view, state }: ChangeReading,
): Promise<Surroundings> => {
  const approved = shownApproval(state)?.number;
  const other =
    approved === undefined || approved === view.number ? undefined : ifReadable(readChange(ports, view.key, approved));
  const [heads, reading] = await Promise.all([headsWith(ports, view.key, state), other]);
  return { heads, replaced: reading?.view.revisions.at(-1)?.notice ?? null };
};

export interface Scene {
  readonly reading: ChangeReading;
  readonly roster: Roster;
  readonly now: string;
  readonly zone: string;
  readonly url: string;
  readonly around: Surroundings;
}

export interface RosterAlarm {
  readonly requirement: string;
  readonly code: AlarmCode;
  readonly body: string;
}

/** `alarms`: to be logged. */
export interface Drafted {
  readonly drafts: readonly Draft[];
  readonly alarms: readonly RosterAlarm[];
}

export const NOTHING: Drafted = { drafts: [], alarms: [] };

export const aboutOf = ({ reading, roster, now, zone, url, around }: Scene): letters.About => {
  const view = presentChange(reading.view, reading.state, now);
  return {
    view,
    now,
    zone,
    url,
    effect: effectOf(view, { at: now, zone, heads: around.heads }),
    before: view.revisions.at(-2)?.notice ?? around.replaced,
    name: (body) => bodyOf(roster, body)?.name ?? body,
  };
};

export const draftBase = ({ view }: letters.About) => ({
  change: changeId(view.key, view.number),
  revision: latestOf(view).revision,
});

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

/** With one mail about all of them to each clerk, and to `others`. */
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

import { setTimeout as sleep } from 'node:timers/promises';
import { changeNamed, featureStream } from '../../../domain/feature/keys.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { sharedFormOf } from '../../gate/feature.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import type { MailWords } from '../../platform/mail/words.ts';
import { readChange } from '../../register/read.ts';
import { PersonalActs, WAITING_ACTS } from '../../register/waiting.ts';
import { draftsOf, sceneOf } from './asks.ts';
import { type AskItem, type Draft, holderOf, type Meeting } from './draft.ts';
import { meetingLetter } from './letters.ts';
import type { NotifyPorts } from './ports.ts';
import { judgementOf } from './ports.ts';
import { isSent, takesForm } from './post.ts';

/** Items in one mail, as many as one resolution. */
const ITEMS_MAX = 40;
/** What is left of a form after the mail about it waits so long for the regular run. */
const HOLD_MS = 15 * 60_000;
/** Within this time votes that one form certifies have entered the log. */
const SETTLED_MS = 1_500;

type Write = (words: MailWords, items: readonly (AskItem & { readonly link: string })[]) => Letter;

/** One mail for several drafts to one person, in place of each. */
export const several = (drafts: readonly Draft[], write: Write): Draft => {
  const [first, ...rest] = drafts;
  if (first === undefined) throw new Error('broken invariant: a mail of no drafts');
  const { change: _, revision: __, meeting: ___, ...head } = first;
  return {
    ...head,
    further: rest.flatMap(({ target }) => target ?? []),
    covers: rest,
    write: (words, link, further) =>
      write(
        words,
        drafts.flatMap((draft, index) => {
          const item = draft.item?.(words);
          return item === undefined ? [] : [{ ...item, link: index === 0 ? link : (further[index - 1]?.link ?? '') }];
        }),
      ),
  };
};

const sameMeeting = (one: Meeting | undefined, other: Meeting | undefined): boolean =>
  one !== undefined && one.body === other?.body && one.day === other.day;

const ofMeeting = (drafts: readonly Draft[], zone: string): readonly Draft[] => {
  const meeting = drafts[0]?.meeting;
  return meeting === undefined || drafts.length === 1
    ? drafts
    : [several(drafts.slice(0, ITEMS_MAX), (words, items) => meetingLetter(words, meeting, zone, items))];
};

/** What else of the same meeting waits for the person, in other changes. */
const othersOf = async (ports: NotifyPorts, roster: Roster, draft: Draft): Promise<readonly Draft[]> => {
  const [now, holder] = [ports.clock(), holderOf(draft) ?? ''];
  const acts = PersonalActs.of(
    await ports.register.facet(WAITING_ACTS, { now }),
    holder,
    roster,
    localMoment(now, ports.zone),
  ).slice(0, ITEMS_MAX);
  const found = await Promise.all(
    acts.map(async ({ key, change }) => {
      if (`${key}/${change.number}` === draft.change) return [];
      const reading = await readChange(ports, key, change.number);
      if (reading === undefined || (await judgementOf(ports, reading)) !== 'judged') return [];
      return draftsOf(await sceneOf(ports, reading, roster), undefined).drafts;
    }),
  );
  return found.flat().filter((each) => holderOf(each) === holder && sameMeeting(each.meeting, draft.meeting));
};

/** Returns the form that certified the vote that a draft follows, with others; undefined for a vote that was certified by itself. */
const formBefore = async ({ store }: NotifyPorts, { change = '', meeting }: Draft): Promise<string | undefined> => {
  const key = changeNamed(change)?.key;
  if (key === undefined || meeting === undefined) return undefined;
  const { version } = meeting;
  const [commit] = await store.history(featureStream(key), { after: version - 1, upTo: version, limit: 1 });
  return commit && sharedFormOf(commit.commandId);
};

/**
 * What one form certified reaches a person in one mail: the first event makes it of all that waits, and what is certified after it was sent
 * is left to the next regular run. A vote that was certified by itself is mailed at once.
 */
export const withForm = async (ports: NotifyPorts, roster: Roster, draft: Draft): Promise<readonly Draft[]> => {
  const { meeting } = draft;
  const form = await formBefore(ports, draft);
  if (meeting === undefined || form === undefined) return [draft];
  if ((await isSent(ports, draft)) || !(await takesForm(ports, draft, form, HOLD_MS))) return [];
  const ageMs = ports.wallMs() - Date.parse(meeting.at);
  if (ageMs >= 0 && ageMs < SETTLED_MS) await sleep(SETTLED_MS - ageMs);
  const others = await Promise.all(
    (await othersOf(ports, roster, draft)).map(async (other) =>
      (await formBefore(ports, other)) !== form || (await isSent(ports, other)) ? [] : [other],
    ),
  );
  return ofMeeting([draft, ...others.flat()], ports.zone);
};

/** What was held back of meetings, and is due now. */
export const heldOf = async (ports: NotifyPorts, drafts: readonly Draft[], now: string): Promise<readonly Draft[]> => {
  const unsent = await Promise.all(drafts.map(async (draft) => ((await isSent(ports, draft)) ? [] : [draft])));
  const groups = Map.groupBy(unsent.flat(), (draft) => `${holderOf(draft)} ${draft.meeting?.body} ${draft.meeting?.day}`);
  return [...groups.values()]
    .filter((group) => group.every(({ meeting }) => Date.parse(now) - Date.parse(meeting?.at ?? '') >= HOLD_MS))
    .flatMap((group) => ofMeeting(group, ports.zone));
};

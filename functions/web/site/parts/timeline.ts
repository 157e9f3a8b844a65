import { decidableUntil, isOpen } from '../../../../domain/feature/state.ts';
import type { ActView, ChangeView } from '../../../../domain/feature/view.ts';
import { ascending } from '../../../../domain/kernel/order.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName, holderName } from '../names.ts';
import type { Tone } from './chip.ts';

/** A mark on the timeline. `toCome`: it lies in the future. */
interface Mark {
  readonly at: string;
  readonly tone: Tone;
  readonly text: Html | string;
  readonly toCome: boolean;
}

const WIDTH = 320;
const EDGE = 12;
const LINE_Y = 26;
const GAP = 21;
/** Most marks that fit a narrow screen; of more, the first and the last are drawn. */
const MARKS_MAX = 14;
const FIRST_KEPT = 7;

const actText = (locale: Locale, act: ActView, view: ChangeView, roster: Roster | null): Html | string => {
  const { words, say, number } = locale;
  const t = words.timeline;
  const holder = holderName(roster, act.holder);
  switch (act.type) {
    case 'VoteCertified': {
      const body = bodyName(roster, view.requirements.find(({ id }) => id === act.requirement)?.body ?? act.requirement);
      if (act.purpose === 'correct') return say(t.corrected, { body });
      const text = act.purpose === 'override' ? t.overrode : t.certified;
      return say(text, { ...locale.bodySlots(body), yes: number(act.tally.yes), no: number(act.tally.no) });
    }
    case 'SignatureGiven':
      if (act.decision === 'take-back') return say(words.act.tookBack, { holder });
      return say(act.decision === 'approve' ? t.signed : t.refusedBy, { holder });
    case 'BallotCast':
      return say(t.ballot, { holder });
    case 'ConfirmationGiven':
      return say(act.decision === 'confirm' ? words.act.confirmed : words.act.disputed, { holder });
    case 'MeetingNamed':
      return say(words.act.named, { holder, day: locale.day(act.meetingDate) });
    case 'AdviceGiven':
      return say(t.advice, { holder });
    case 'ApprovalRevoked':
      return say(t.revoked, { holder });
  }
};

const toneOfAct = (act: ActView): Tone => {
  if (act.type === 'ApprovalRevoked') return 'no';
  if (act.type === 'ConfirmationGiven') return act.decision === 'confirm' ? 'wait' : 'no';
  if (act.type === 'SignatureGiven') return act.decision === 'approve' ? 'on' : act.decision === 'refuse' ? 'no' : 'wait';
  return act.type === 'VoteCertified' && act.tally.yes < act.tally.needed ? 'no' : 'wait';
};

/** Returns the marks of an approval: that it was given, and when it came into force, if it did. */
const approvalMarks = ({ words }: Locale, { approved, status }: ChangeView): readonly (readonly [string, Tone, string])[] => {
  const t = words.timeline;
  if (approved === null) return [];
  if (approved.began === approved.at) return [[approved.at, 'on', t.approved]];
  if (approved.began === null && status === 'replaced') return [[approved.at, 'wait', t.approvedOvertaken]];
  const given = [approved.at, 'wait', t.approvedWaits] as const;
  return approved.began === null ? [given] : [given, [approved.began, 'on', t.began]];
};

const marksOf = (locale: Locale, view: ChangeView, roster: Roster | null): readonly Mark[] => {
  const { words, say, until, now } = locale;
  const t = words.timeline;
  const mark = (at: string, tone: Tone, text: Html | string, toCome = false): Mark => ({ at, tone, text, toCome });
  const open = isOpen(view);
  const arrivals = view.revisions.map(({ revision, at }) =>
    mark(at, 'wait', revision === 1 ? t.notified : say(t.revised, { n: revision })),
  );
  const from = view.pinned?.from;
  const decidable =
    from !== undefined && from > (view.revisions.at(-1)?.at ?? '') ? [mark(from, 'wait', t.decidable, from > now)] : [];
  const acts = view.acts.map((act) => mark(act.at, toneOfAct(act), actText(locale, act, view, roster)));
  const veto =
    view.veto === null
      ? []
      : [
          mark(
            view.veto.at,
            'no',
            say(view.veto.by === 'holder' ? t.vetoed : t.vetoedDeadline, { when: until(view.veto.until) }),
          ),
        ];
  const approved = approvalMarks(locale, view).map(([at, tone, text]) => mark(at, tone, text));
  const ended = view.ended === null ? [] : [mark(view.ended.at, 'no', say(t.ended, { status: words.status[view.status] }))];
  const end = view.approved?.validUntil ?? null;
  const closes = decidableUntil(view);
  const coming = [
    ...(open && closes !== null ? [mark(closes, 'off', t.closes, true)] : []),
    ...(view.status === 'approved' && end !== null ? [mark(end, 'off', t.expires, true)] : []),
  ];
  const all = [...arrivals, ...decidable, ...acts, ...veto, ...approved, ...ended, ...coming];
  return all.toSorted((a, b) => ascending(a.at, b.at));
};

/** Returns the marks' positions by time, moved apart so that they do not overlap. */
const placesOf = (marks: readonly Mark[]): readonly number[] => {
  const times = marks.map(({ at }) => Date.parse(at));
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
  const span = Math.max(1, last - first);
  const places = times.map((time) => EDGE + ((time - first) / span) * (WIDTH - 2 * EDGE));
  for (const [index, place] of places.entries()) if (index > 0) places[index] = Math.max(place, (places[index - 1] ?? 0) + GAP);
  let limit = WIDTH - EDGE;
  for (let index = places.length - 1; index >= 0; index -= 1) {
    places[index] = Math.min(places[index] ?? 0, limit);
    limit = (places[index] ?? 0) - GAP;
  }
  return places.map(Math.round);
};

/** Returns the state between two marks: in force after an approval until its end, open before one. */
const stretch = (view: ChangeView, from: string): 'on' | 'wait' | 'off' => {
  if (view.ended !== null && from >= view.ended.at) return 'off';
  const began = view.approved?.began ?? null;
  return began !== null && from >= began ? 'on' : 'wait';
};

const picture = (locale: Locale, view: ChangeView, marks: readonly (Mark & { readonly n: number })[], count: number): Html => {
  const { words, say, number, date, shortDate } = locale;
  const t = words.timeline;
  const places = placesOf(marks);
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined) return empty;
  const title = say(t.title, { n: view.number });
  const text = say(t.text, { count: number(count), from: date(first.at), to: date(last.at) });
  const lines = marks
    .slice(0, -1)
    .map(
      ({ at }, index) =>
        html`<path class="way ${stretch(view, at)}${marks[index + 1]?.toCome === true ? ' coming' : ''}" d="M${places[index] ?? 0} ${LINE_Y}H${places[index + 1] ?? 0}"/>`,
    );
  const dots = marks.map(
    ({ tone, toCome, n }, index) =>
      html`<circle class="${tone}${toCome ? ' coming' : ''}" cx="${places[index] ?? 0}" cy="${LINE_Y}" r="9"/><text class="${toCome ? 'dark' : 'light'}" x="${places[index] ?? 0}" y="${LINE_Y + 3.6}" text-anchor="middle">${number(n)}</text>`,
  );
  return html`
<svg class="chart timeline" viewBox="0 0 ${WIDTH} 56" role="img" aria-labelledby="timeline-title timeline-desc" focusable="false"><title id="timeline-title">${title}</title><desc id="timeline-desc">${text}</desc>${lines}${dots}<text class="small" x="0" y="52">${shortDate(first.at)}</text>${marks.length > 1 ? html`<text class="small" x="${WIDTH}" y="52" text-anchor="end">${shortDate(last.at)}</text>` : empty}</svg>`;
};

/** Renders a change from its notice to its end as a timeline, with the same as a list. `view`: as of the locale's `now`. */
export const timeline = (locale: Locale, view: ChangeView, roster: Roster | null): Html => {
  const { words, dateTime, until, say, number } = locale;
  const t = words.timeline;
  const marks = marksOf(locale, view, roster).map((mark, index) => ({ ...mark, n: index + 1 }));
  const short = marks.length > MARKS_MAX;
  const drawn = short ? [...marks.slice(0, FIRST_KEPT), ...marks.slice(FIRST_KEPT - MARKS_MAX)] : marks;
  const items = marks.map(
    ({ at, text, toCome }) =>
      html`<li><small><time datetime="${at}">${toCome ? until(at) : dateTime(at)}</time></small> ${text}</li>`,
  );
  return html`
<h2>${t.heading}</h2>${picture(locale, view, drawn, marks.length)}${short ? html`<p class="fine">${say(t.shortened, { first: number(FIRST_KEPT) })}</p>` : empty}
<details><summary>${t.list}</summary><ol>${items}</ol></details>`;
};

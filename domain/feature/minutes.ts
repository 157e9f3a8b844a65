import { normalizeText } from '../kernel/text.ts';
import type { Vote } from '../policy/threshold.ts';

/** A seat of the body and every name minutes can use for it: its id, its label, its holder's name. */
export interface NamedSeat {
  readonly seat: string;
  readonly names: readonly string[];
}

/** A problem in pasted minutes that the clerk must resolve. `label` is the word the minutes use for the group of votes. */
export type MinutesProblem =
  | { readonly code: 'no-votes' }
  | { readonly code: 'unmatched'; readonly label: string; readonly name: string }
  | { readonly code: 'count'; readonly label: string; readonly said: number; readonly found: number }
  | { readonly code: 'twice'; readonly seat: string };

/** A roll call read from minutes, with only certain votes. A seat that is not in `votes` stays blank, and a blank blocks. */
export interface MinutesDraft {
  readonly votes: Readonly<Record<string, Vote>>;
  readonly fileNumber: string | null;
  readonly mover: string | null;
  readonly seconder: string | null;
  readonly problems: readonly MinutesProblem[];
}

/** Longest text that is read, in characters. */
export const MINUTES_CHARS_MAX = 20_000;

const WORDS: readonly (readonly [RegExp, Vote])[] = [
  [/^(?:ayes?|yeas?|yes|in favou?r|a favor|afirmativos?|s[ií])$/, 'yes'],
  [/^(?:nays?|no|noes|against|opposed|en contra|negativos?)$/, 'no'],
  [/^(?:abstain(?:ed|ing|s)?|abstentions?|abstenci(?:o|ó)n(?:es)?)$/, 'abstain'],
  [/^(?:absent|ausentes?)$/, 'absent'],
  [/^(?:excused|excusad[oa]s?)$/, 'excused'],
  [/^(?:recus(?:ed?|als?|ad[oa]s?))$/, 'recused'],
  [/^(?:vacant|vacan(?:cy|cies|tes?))$/, 'vacant'],
];
const LABEL = `(?<label>ayes?|yeas?|yes|s[ií]|in favou?r|nays?|noes|no|against|opposed|abstain(?:ed|ing|s)?|abstentions?|absent|excused|recus(?:ed?|als?)|vacant|vacanc(?:y|ies)|a favor|en contra|afirmativos?|negativos?|abstenci[oó]n(?:es)?|ausentes?|excusad[oa]s?|recusad[oa]s?|vacantes?)`;
// `Aye:`, `AYES (9):`, `Voting nay -`, a cell of a table, or the word alone on its line.
const BEFORE = String.raw`(?:(?:voting|voted|votes?|votos?)[ \t]+)?`;
const TOTAL = String.raw`(?:\(\d{1,4}\)[ \t]*)?`;
const GROUP = new RegExp(
  String.raw`(?<![\p{L}\p{N}])${BEFORE}${LABEL}(?:(?<=(?:^|\n)[ \t]*${BEFORE}\k<label>)(?:\t| {2,})(?=\S)|[ \t]*(?:\((?<before>\d{1,4})\)[ \t]*)?(?::|[-–—](?=\s)|(?=[ \t]*(?:\n|$))(?<=(?:^|\n)[ \t]*${BEFORE}\k<label>[ \t]*${TOTAL})))`,
  'giu',
);
/** A number at the end of a list that is part of no seat's name is the clerk's total: `…, At Large A – 9`. */
const TRAILING = /^(?<name>.*?)[\s=:–—-]*(?<said>\d{1,4})$/u;
const TITLE =
  /\b(?:the|honorable|hon|council ?(?:member|man|woman|person)s?|president|pro tem(?:pore)?|chair(?:man|woman|person)?|vice|member|concejal(?:es|as?)?|regidor(?:es|as?)?|mr|mrs|ms|cm|sra?)\b/g;
const FILE =
  /\b(?:resolution|bill|ordinance|file|item|resoluci[oó]n|expediente)\s*(?:no\.?|number|n[uú]m\.?|#)?\s*([A-Z]{0,4}\d{2,4}-\d{2,6})\b/iu;
const MOVER =
  /\b(?:(?:offered|moved|made)\s+by|mover:)\s+(?<name>.+?)\s*(?:[,;.]\s*)?(?:and\s+)?(?:duly\s+)?(?=second|that\b|\n|$)/isu;
const SECONDER = /\bsecond(?:ed\s+by|er:|ed:)\s+(?<name>.+?)\s*(?:[,;.](?=\s|$)|\bthat\b|\n|$)/isu;

const plain = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .replaceAll(TITLE, ' ')
    .replaceAll(/\b(?:dist|distrito)\b/g, 'district')
    .replaceAll(/\s+/g, ' ')
    .trim();

/**
 * Finds the only seat that a name matches: by the whole name, otherwise by its end (a family name), if no other seat matches as
 * well.
 */
const finder = (seats: readonly NamedSeat[]) => {
  const known = seats.map(({ seat, names }) => ({ seat, names: [...new Set(names.map(plain))].filter((name) => name !== '') }));
  return (name: string): string | undefined => {
    const wanted = plain(name);
    if (wanted === '') return undefined;
    const whole = known.filter(({ names }) => names.includes(wanted));
    const ends = /\p{L}{3}/u.test(wanted) ? known.filter(({ names }) => names.some((each) => each.endsWith(` ${wanted}`))) : [];
    const [only, ...others] = whole.length > 0 ? whole : ends;
    return others.length === 0 ? only?.seat : undefined;
  };
};

/** Returns the seat that a name on a form matches (its id, its label or its holder's name); undefined if none or several do. */
export const seatNamed = (seats: readonly NamedSeat[], name: string): string | undefined =>
  seats.find(({ seat }) => seat === name)?.seat ?? finder(seats)(name);

interface Group {
  readonly label: string;
  readonly vote: Vote;
  readonly names: readonly string[];
  readonly said: number | null;
}

const namesIn = (text: string): readonly string[] =>
  text
    .split(/[,;]/.test(text) ? /[,;]|\s(?:and|y|&)\s/iu : /\n|\s(?:and|y|&)\s/iu)
    .map((name) =>
      name
        .replaceAll(/\s+/g, ' ')
        .replace(/^(?:and|y)\s/i, '')
        .replace(/[\s.:]+$/, '')
        .trim(),
    )
    .filter((name) => plain(name) !== '' && !/^\(?(?:none|nobody|ningun[oa])\)?$/i.test(name));

const groupOf = (label: string, before: string | undefined, rest: string): Group => {
  const [paragraph = ''] = rest.split(/\n[ \t]*\n/);
  const leading = /^\s*\(?(\d{1,4})\)?(?=\s*(?:[-–—:,;(\n]|$))/u.exec(paragraph);
  const body = leading === null ? paragraph : paragraph.slice(leading[0].length).replace(/^\s*[-–—:,;]/u, '');
  const total = /[([](\d{1,4})[)\]]/.exec(body);
  const named = total === null ? body : body.slice(0, total.index);
  const said = total?.[1] ?? before ?? leading?.[1];
  const vote = WORDS.find(([pattern]) => pattern.test(label.toLowerCase()))?.[1] ?? 'absent';
  return { label, vote, names: namesIn(named), said: said === undefined ? null : Number(said) };
};

const groupsIn = (text: string): readonly Group[] => {
  const found = [...text.matchAll(GROUP)];
  return found.map((match, index) =>
    groupOf(
      match.groups?.['label'] ?? '',
      match.groups?.['before'],
      text.slice(match.index + match[0].length, found[index + 1]?.index),
    ),
  );
};

interface Found {
  readonly given: ReadonlyMap<string, readonly Vote[]>;
  readonly problems: readonly MinutesProblem[];
}

/** Returns the group with a total that follows its last name without a label, unless the number is part of a seat's name. */
const withTrailingTotal = (group: Group, find: (name: string) => string | undefined): Group => {
  const last = group.names.at(-1) ?? '';
  const { name = '', said } = TRAILING.exec(last)?.groups ?? {};
  if (group.said !== null || said === undefined || find(last) !== undefined) return group;
  if (name !== '' && find(name) === undefined) return group;
  return { ...group, names: [...group.names.slice(0, -1), ...(name === '' ? [] : [name])], said: Number(said) };
};

/** Returns the seats of one group, unless its total disagrees with its names: then none of them is certain. */
const seatsIn = (found: Group, find: (name: string) => string | undefined): readonly (string | MinutesProblem)[] => {
  const { label, names, said } = withTrailingTotal(found, find);
  const seats = names.map((name) => find(name) ?? { code: 'unmatched' as const, label, name });
  if (said === null || said === names.length) return seats;
  return [...seats.filter((seat) => typeof seat !== 'string'), { code: 'count', label, said, found: names.length }];
};

const readGroups = (groups: readonly Group[], find: (name: string) => string | undefined): Found => {
  const given = new Map<string, readonly Vote[]>();
  const problems: MinutesProblem[] = groups.length === 0 ? [{ code: 'no-votes' }] : [];
  for (const group of groups) {
    for (const seat of seatsIn(group, find)) {
      if (typeof seat === 'string') given.set(seat, [...(given.get(seat) ?? []), group.vote]);
      else problems.push(seat);
    }
  }
  return { given, problems };
};

const RUN = /[^\p{L}\p{N}]{33,}/gu;
const KEPT = 16;

/**
 * Shortens long runs of characters that are neither letters nor digits. Every pattern above would scan such a run again from each
 * position, so that a page of blanks would block the gate for seconds. Paragraph ends are kept.
 */
const shortened = (text: string): string =>
  text.replaceAll(RUN, (run) => {
    const characters = [...run];
    const lineEnd = /\n[ \t]*\n/.test(run) ? '\n\n' : run.includes('\n') ? '\n' : '';
    return `${characters.slice(0, KEPT).join('')}${lineEnd}${characters.slice(-KEPT).join('')}`;
  });

/**
 * Reads pasted minutes into a draft of the roll call, for the clerk to confirm. Nothing is guessed: a name that matches no seat
 * or two, a seat named in two groups, and a whole group whose total disagrees with its names are left blank and reported.
 */
export const readMinutes = (pasted: string, seats: readonly NamedSeat[]): MinutesDraft => {
  const text = shortened(normalizeText(pasted).slice(0, MINUTES_CHARS_MAX));
  const find = finder(seats);
  const { given, problems } = readGroups(groupsIn(text), find);
  const certain = [...given].flatMap(([seat, [vote, ...more]]) =>
    vote === undefined || more.length > 0 ? [] : [[seat, vote] as const],
  );
  const twice = [...given].flatMap(([seat, votes]): MinutesProblem[] => (votes.length > 1 ? [{ code: 'twice', seat }] : []));
  const person = (pattern: RegExp): string | null => find(pattern.exec(text)?.groups?.['name'] ?? '') ?? null;
  return {
    votes: Object.fromEntries(certain),
    fileNumber: FILE.exec(text)?.[1] ?? null,
    mover: person(MOVER),
    seconder: person(SECONDER),
    problems: [...problems, ...twice],
  };
};

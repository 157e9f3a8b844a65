import type { TaskKind } from '../../../../../domain/derived/tasks.ts';
import { CITY, vendorOf } from '../../../../../domain/feature/keys.ts';
import { normalizeText } from '../../../../../domain/kernel/text.ts';
import { Digest, FeatureKey, LineText, Sha256Hex } from '../../../../../domain/kernel/zodTypes.ts';
import { Evidence, ObservationNote, ObservedValue } from '../../../../../domain/observation/events.ts';
import { type Fault, type Input, oneOf } from '../../forms.ts';
import type { WorkItem } from './read.ts';

/** What can be said of a task of each kind, the usual answer first. */
export const CHOICES = {
  'opt-out': ['opted-out', 'off', 'on'],
  look: ['off', 'on', 'on-for'],
  'switch-off': ['off', 'on', 'on-for'],
  'switch-on': ['on', 'on-for', 'off'],
} as const satisfies Readonly<Record<TaskKind, readonly string[]>>;

/** The choice of who has nothing to say of a task yet. */
export const NOTHING = 'nothing';

/** The fields of one task; each name is followed by a dot and the task's `ref`. */
export const TASK_FIELDS = ['about', 'act', 'below', 'agencies', 'version', 'note', 'file', 'sha256'] as const;
type TaskField = (typeof TASK_FIELDS)[number];

const NAME = /^(?<field>[a-z0-9]+)\.(?<ref>[0-9a-f]{12})$/;

export const nameOf = (field: TaskField, ref: string): string => `${field}.${ref}`;

export const isTaskField = (name: string): boolean => {
  const field = NAME.exec(name)?.groups?.['field'];
  return TASK_FIELDS.some((each) => each === field);
};

const ABOUT = /^(?<key>[^;]+)(?:;(?<n>[1-9][0-9]{0,6});(?<revision>[1-9][0-9]{0,6});(?<digest>[^;]+))?$/;

/** Writes down what a task is about, to be sent back with the form. */
export const subjectOf = ({ task: { key }, wording }: WorkItem): string =>
  wording === undefined ? (key ?? '') : [key, wording.n, wording.revision, wording.digest].join(';');

interface Said {
  readonly key: string;
  readonly note: string | null;
  readonly evidence: Evidence | null;
}

/** What was seen of a key. `below`: those beneath that its task stands for are off, too. */
export interface SeenAct extends Said {
  readonly type: 'seen';
  readonly value: ObservedValue;
  readonly below: boolean;
}

/** The city has opted out of a wording. */
export interface OptOutAct extends Said {
  readonly type: 'opted-out';
  readonly n: number;
  readonly revision: number;
  readonly digest: string;
  readonly note: string;
}

export type WorkAct = SeenAct | OptOutAct;

const fault = (field: TaskField, ref: string, code: Fault['code']): Fault => ({ name: nameOf(field, ref), code });

const evidenceOf = (input: Input, ref: string, faults: Fault[]): Evidence | null => {
  const title = normalizeText(oneOf(input, nameOf('file', ref)));
  const sha256 = normalizeText(oneOf(input, nameOf('sha256', ref)))
    .toLowerCase()
    .replace(/^sha256:/, '');
  if (title === '' && sha256 === '') return null;
  if (!Evidence.shape.title.safeParse(title).success) faults.push(fault('file', ref, 'docTitle'));
  if (!Sha256Hex.safeParse(sha256).success) faults.push(fault('sha256', ref, 'docSha256'));
  return { sha256, title };
};

const seenValue = (input: Input, ref: string, act: string, faults: Fault[]): ObservedValue => {
  const agencies = oneOf(input, nameOf('agencies', ref)).split('\n').map(normalizeText).filter(Boolean);
  const version = normalizeText(oneOf(input, nameOf('version', ref)));
  if (act === 'off' ? agencies.length > 0 : act === 'on-for' && agencies.length === 0)
    faults.push(fault('agencies', ref, 'agencies'));
  if (agencies.length === 0 && version === '') return act !== 'off';
  const value = { on: act !== 'off', ...(agencies.length > 0 && { agencies }), ...(version !== '' && { version }) };
  if (version !== '' && !LineText(100).safeParse(version).success) faults.push(fault('version', ref, 'version'));
  else if (!ObservedValue.safeParse(value).success) faults.push(fault('agencies', ref, 'agencies'));
  return value;
};

const optOutOf = (about: NonNullable<RegExpExecArray['groups']>, said: Said, ref: string, faults: Fault[]): OptOutAct => {
  const { n, revision, digest = '' } = about;
  if (!Digest.safeParse(digest).success) faults.push(fault('act', ref, 'digest'));
  if (said.note === null) faults.push(fault('note', ref, 'note'));
  return { ...said, type: 'opted-out', n: Number(n), revision: Number(revision), digest, note: said.note ?? '' };
};

const actOf = (input: Input, ref: string, act: string, faults: Fault[]): WorkAct | undefined => {
  const about = ABOUT.exec(oneOf(input, nameOf('about', ref)))?.groups;
  const key = FeatureKey.safeParse(about?.['key']).data;
  const isVendors = key !== undefined && vendorOf(key) !== CITY;
  if (about === undefined || !isVendors || !['opted-out', 'off', 'on', 'on-for'].includes(act)) {
    faults.push(fault('act', ref, 'choice'));
    return undefined;
  }
  const note = normalizeText(oneOf(input, nameOf('note', ref))) || null;
  if (note !== null && !ObservationNote.safeParse(note).success) faults.push(fault('note', ref, 'impactText'));
  const said = { key, note, evidence: evidenceOf(input, ref, faults) };
  if (act === 'opted-out') return optOutOf(about, said, ref, faults);
  const below = act === 'off' && oneOf(input, nameOf('below', ref)) === 'yes';
  return { ...said, type: 'seen', value: seenValue(input, ref, act, faults), below };
};

/** Reads what was chosen for each task; a task without a choice says nothing. Adds the faults that it finds. */
export const readActs = (input: Input, faults: Fault[]): readonly WorkAct[] =>
  [...input.keys()].flatMap((name): readonly WorkAct[] => {
    const { field, ref = '' } = NAME.exec(name)?.groups ?? {};
    const act = oneOf(input, name);
    if (field !== 'act' || act === '' || act === NOTHING) return [];
    const read = actOf(input, ref, act, faults);
    return read === undefined ? [] : [read];
  });

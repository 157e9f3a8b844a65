/** Every reason why a commit may not stand, and its meaning. `docs/judge.md` shows this table; a test compares them. */
export const JUDGE_CODES = {
  stream: 'No aggregate has a stream of this name, or its events are of another.',
  version: 'The version is not the next of its stream.',
  previous: 'The commit does not name the hash of the one before it in its stream.',
  instant: 'The commit, or an event in it, bears an instant that it cannot have.',
  size: 'The commit is larger, or has more events, than any gate writes.',
  schema: 'An event has not the shape that its type has.',
  actor: 'Somebody acted who may not do this, or in the name of somebody else.',
  'no-zone': 'No time zone is on record, or one that is not known here.',
  'other-roster': 'The roster named was not in force then.',
  'other-policy': 'The policy named was not in force then.',
  'not-in-office': 'The person did not hold the seat named, under the roster named, on that day.',
  'unknown-vendor': 'The vendor had not been added.',
  'vendor-key': 'The key was not one of the vendor’s, had ended, or is of a scheme that the policy does not accept.',
  provenance: 'What is said about where a notice came from does not fit together.',
  'adds-only': 'The city rewords a change or removes a feature by what it enters.',
  number: 'The number of the change or of the revision is not the next.',
  'other-words': 'The act is on a revision or a digest that does not stand.',
  closed: 'The change is not open to this.',
  'too-many-open': 'More changes are open than one feature may have.',
  pinned: 'The rule pinned to the change does not follow from the policy and the notice.',
  requirement: 'The pinned rule has no such requirement, or another instrument decides it.',
  order: 'It is not the turn of this requirement or of this event.',
  'too-early': 'The revision had not been public for long enough.',
  'too-late': 'The time for this act was over.',
  overdue: 'Time had ended the change or the approval before, and that is not on record.',
  'not-due': 'Time has not done this.',
  'file-number': 'A certificate or a body’s revocation names no file.',
  meeting: 'The meeting lies in the future, before what it is about or comes after, or out of the time of the rule.',
  'roll-call':
    'The roll call does not name each seat of the body once, with its holder of that day, or a seat was left on it, or the body got other seats later.',
  tally: 'The figures are not those of the roll call under the pinned threshold.',
  quorum: 'The meeting had no quorum.',
  'same-person': 'One person would count twice, or certify a vote and take part in the change.',
  'already-decided': 'The seat or the requirement had decided.',
  terms: 'On these terms nothing could be on, or they are not those that stand.',
  documents: 'A document that the policy asks for is not attached.',
  document: 'The document is not one that the rule asks for, or not the one that the notice names, or its bytes are not kept.',
  act: 'The name of the act is not that of its contents.',
  'passkey-missing': 'The policy asks this person for a passkey, and the act has none.',
  passkey: 'The passkey does not prove this act.',
  'passkey-shared': 'One key, or one credential, stands for two persons, or was reset.',
  'no-act': 'A consequence stands without the acts that it follows from.',
  'consequence-missing': 'What follows from the act is not there.',
  consequence: 'What follows from the act is something else.',
  'approval-terms': 'The approval has other terms than were decided.',
  'approval-end': 'The approval ends at another time than the notice, the terms and the policy say.',
  'second-operator': 'The operator’s word counts for the first roster and the first policy alone.',
  digest: 'A roster or a policy has another digest than is said.',
  'roster-invalid': 'The roster contradicts itself.',
  'seats-are-rules': 'The roster has other bodies, seats or certifying offices than the policy in force.',
  'too-few-confirmers': 'With any one person gone, no two persons of two deciding bodies would remain to confirm a roster.',
  'roster-proposal': 'The roster, the reset or the restored gate is not the one that was proposed.',
  'roster-confirmer': 'This person may not be one of the two who confirm, or not do this for that person.',
  'policy-invalid': 'The policy cannot work, or one person alone could approve under it.',
  'policy-locked': 'No next policy could be approved under the policy.',
  'policy-proposal': 'The policy is not one that was proposed.',
  'new-seats': 'What the policy adds to the roster is not exactly its new seats and who sits in them.',
  'policy-not-approved': 'No approved change of the city’s policy names this policy.',
  observation: 'The observation is of another vendor’s features, or of the future.',
  'opt-out': 'The words cannot be opted out of at the vendor.',
  redaction: 'The order names nothing that stands at its place, or shows what is not withheld there.',
} as const;
export type JudgeCode = keyof typeof JUDGE_CODES;

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly code: JudgeCode; readonly detail: string };

/** The reason why a commit may not stand. Thrown by the rules and caught by the judge; it never leaves this folder. */
export class Objection extends Error {
  override readonly name = 'Objection';
  readonly code: JudgeCode;

  constructor(code: JudgeCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

export const must: (condition: unknown, code: JudgeCode, detail: string) => asserts condition = (condition, code, detail) => {
  if (!condition) throw new Objection(code, detail);
};

/** Returns the result of the first version by which `judge` does not object. Throws the objection of the last if all do. */
export const judgeByAnyVersion = <V, R>([version, ...others]: readonly V[], judge: (version: V) => R): R => {
  try {
    return judge(version as V);
  } catch (error) {
    if (!(error instanceof Objection) || others.length === 0) throw error;
    return judgeByAnyVersion(others, judge);
  }
};

export const mustBeOperator = (actor: string): void => must(actor === 'operator', 'actor', `${actor} is not the operator`);

export const mustBeHolder = (actor: string, holder: string): void =>
  must(actor === `holder:${holder}`, 'actor', `${actor} is not ${holder}`);

export const equal = (one: unknown, other: unknown): boolean => {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every(
    (name) =>
      Object.hasOwn(other, name) && equal((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
  );
};

export const differing = (one: object, other: object): readonly string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (name) => !equal((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
  );

import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import type { FeatureCase } from '../../../domain/judge/case.ts';
import { type FeatureJudge, framed, judgeUnder, type Rules } from '../search/judged.ts';

/** What the judge knows after some steps of a story; undefined from a step on that it cannot judge here. */
export type Judged = { readonly known: FeatureCase | undefined; readonly policies: Rules['policies'] } | undefined;

export const NOTHING_JUDGED: Judged = { known: undefined, policies: [] };

/** Passkeys, forms, the city's own policy and what entered its log late are judged by commits that no story of a feature has. */
const isBeyond = ({ roster, policy, late, ...command }: FeatureCommand, policies: Rules['policies']) =>
  roster === null ||
  late !== undefined ||
  (policy?.policy.passkeys ?? 'off') !== 'off' ||
  Object.keys(policy?.seatsSince ?? {}).length > 0 ||
  (policy?.number ?? 9) < (policies.at(-1)?.number ?? 0) ||
  'assertion' in command ||
  (command.type === 'notify' && (command.provenance.channel === 'form' || command.key.startsWith('aldergate')));

const judges = new Map<string, FeatureJudge>();
const judgeFor = (rules: Rules): FeatureJudge => {
  const name = JSON.stringify(rules);
  const judge = judges.get(name) ?? judgeUnder(rules);
  judges.set(name, judge);
  return judge;
};

/** Throws if the judge objects. */
export const judgedAfter = (before: Judged, command: FeatureCommand, events: readonly FeatureEvent[]): Judged => {
  if (before === undefined || events.length === 0) return before;
  const { roster, policy, zone } = command;
  if (roster === null || isBeyond(command, before.policies)) return undefined;
  const isNew = policy !== null && before.policies.at(-1)?.number !== policy.number;
  const policies = isNew ? [...before.policies, policy] : before.policies;
  const as = framed(command);
  const own = 'provenance' in as ? { provenance: as.provenance, ...('command' in as && { command: as.command }) } : {};
  const recorded = events.map((event) => ('provenance' in event ? { ...event, ...own } : event)) as readonly FeatureEvent[];
  const { known, objection } = judgeFor({ policies, roster, zone })(before.known, as, recorded);
  if (objection !== null) throw new Error(`${command.type}: ${objection}`);
  return { known, policies };
};

import { changeNamed } from '../../../domain/feature/keys.ts';
import { POLICY_CHANGE } from '../../../domain/policy/check.ts';
import { matchRule } from '../../../domain/policy/rules.ts';
import { nameIn } from '../../../domain/roster/schema.ts';
import { CommandRefused } from '../../local/errors.ts';
import {
  type AnswerOf,
  type ApiClient,
  argument,
  type Command,
  callingOperation,
  optionalOption,
  REMOTE_OPTIONS,
  readJson,
  WrongUsage,
} from '../usage.ts';
import { addDocument, documentFrom } from './notice.ts';

type WaitingRoster = NonNullable<AnswerOf<'/v1/roster', 'GET'>['waits']>;

const waitingLines = ({ number, passkeysOf, lapsesAt, confirmations, refusals }: WaitingRoster): readonly string[] => {
  const what = passkeysOf === null ? `version ${number}` : `a reset of the passkeys of ${passkeysOf}`;
  return [
    `${what} waits until ${lapsesAt} for two persons of two bodies; a link is mailed to each whose address is known`,
    ...confirmations.map(({ holder, body }) => `  confirmed by ${holder} (${body})`),
    ...refusals.map(
      ({ holder, body, reason }) => `  ! refused by ${holder} (${body})${reason === null ? '' : `, reason ${reason}`}`,
    ),
  ];
};

const rosterText = ({ number, waits, warning, roster }: AnswerOf<'/v1/roster', 'GET'>): string => {
  if (roster === null) return 'no roster yet: aldergate roster set FILE';
  const bodies = Object.entries(roster.bodies).flatMap(([id, { name, seats }]) => [
    `${nameIn(name, 'en')} (${id}), ${seats.length} ${seats.length === 1 ? 'seat' : 'seats'}`,
    ...roster.holders
      .filter(({ body }) => body === id)
      .map(({ seat, name: holder, from, to }) => `  ${seat}  ${holder}, from ${from}${to === undefined ? '' : ` to ${to}`}`),
  ]);
  const waiting = waits === null ? [] : waitingLines(waits);
  const warned = warning === null ? [] : [`! ${warning}`];
  return [`roster, version ${number ?? 0}`, ...waiting, ...warned, ...bodies].join('\n');
};

const policyText = ({ number, waits, policy, bodies }: AnswerOf<'/v1/policy', 'GET'>): string => {
  const waiting = waits === null ? '' : `\n${waits.change} waits for approval: it would replace this policy`;
  return number === null
    ? 'no policy yet: aldergate policy adopt FILE'
    : `policy, version ${number}\n${JSON.stringify(policy, null, 2)}\nbodies and seats: ${JSON.stringify(bodies, null, 2)}${waiting}`;
};

const takenText = ({ number, waits, repinned }: AnswerOf<'/v1/policy', 'POST'>, repin: boolean): string => {
  const again = repin ? '\nopen changes keep their rules: once it is in force, adopt it again with --repin' : '';
  if (waits !== null) return `put to the vote as ${waits.change} under the policy in force: ${waits.url}${again}`;
  if (repin) return `policy, version ${number}: ${repinned ?? 0} open changes are judged by it from now on`;
  return `policy, version ${number}, is in force`;
};

type SentDocument = ReturnType<typeof documentFrom>;

const documentOf = (given: string | undefined): SentDocument | undefined => {
  if (given === undefined) return undefined;
  const [, kind, path] = /^([^=]+)=(.+)$/.exec(given) ?? [];
  if (kind === undefined || path === undefined) throw new WrongUsage('--document is KIND=FILE');
  return documentFrom(kind, path);
};

/** Throws CommandRefused unless the policy in force requires a document of this kind for a vote on a policy. */
const assertAsked = async (apiClient: ApiClient, kind: string): Promise<void> => {
  const { policy } = await apiClient.call('GET', '/v1/policy');
  if (policy === null) throw new CommandRefused('nothing asks for --document: the first policy comes into force without a vote');
  const { documents = [] } = matchRule(policy, POLICY_CHANGE);
  if (documents.includes(kind)) return;
  const asked = documents.length === 0 ? 'for no document' : `only for ${documents.join(', ')}`;
  throw new CommandRefused(`--document: the policy in force asks ${asked} where a policy is put to the vote, not for ${kind}`);
};

interface Taken {
  readonly answer: AnswerOf<'/v1/policy', 'POST'>;
  readonly repin: boolean;
}

/** Throws CommandRefused, with what was done, if the document was not attached. */
const attach = async (apiClient: ApiClient, { answer, repin }: Taken, document: SentDocument): Promise<void> => {
  const id = answer.waits?.change;
  const change = changeNamed(id ?? '');
  if (change === undefined) {
    const done = repin ? takenText(answer, repin) : `policy, version ${answer.number}, is in force as it is`;
    throw new CommandRefused(`${done}\n${document.title} is not attached: nothing was put to the vote`);
  }
  try {
    await addDocument(apiClient, change, document);
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    throw new CommandRefused(
      `${takenText(answer, repin)}\n${document.title} is not attached: ${error.message}\nTo attach it: aldergate document add ${id} ${document.kind} FILE`,
    );
  }
};

const requirementText = ({
  id,
  bodyName,
  instrument,
  needed,
  denominator,
  quorum,
  after,
  deadline,
}: AnswerOf<'/v1/policy/explain', 'GET'>['requirements'][number]): string => {
  const parts = [
    `${bodyName} by ${instrument}`,
    ...(needed === null ? [] : [`${needed} yes of ${denominator ?? needed}`]),
    ...(quorum === null ? [] : [`quorum ${quorum}`]),
    ...(after.length === 0 ? [] : [`after ${after.join(' and ')}`]),
    ...(deadline === null ? [] : [`within ${deadline}`]),
  ];
  return `  ${id}: ${parts.join(', ')}`;
};

export const rulesCommands: readonly Command[] = [
  callingOperation('PUT', '/v1/roster', {
    usage: 'roster set FILE',
    does: 'enters who holds which seat; the first roster comes into force, a later one waits until two persons of two bodies confirm it',
    begins: true,
    sent: (args) => ({ body: readJson(argument(args, 0, 'FILE')) }),
    text: rosterText,
  }),
  callingOperation('GET', '/v1/roster', {
    usage: 'roster list',
    does: 'the bodies, their seats and who holds them',
    text: rosterText,
  }),
  {
    usage: 'policy adopt FILE [--roster FILE] [--repin] [--document KIND=FILE]',
    does: 'enters the rules; the first policy comes into force, a later one is put to the vote, with --roster together with its bodies, seats and the holders of new seats. --repin, for the policy in force: open changes are judged by it from now on, and what was decided on them is void. --document attaches a document that a vote on a policy needs',
    takes: { roster: 'string', repin: 'boolean', document: 'string', ...REMOTE_OPTIONS },
    begins: true,
    run: async (args, options, { apiClient }) => {
      const policy = readJson(argument(args, 0, 'FILE'));
      const repin = options.repin === true;
      const document = documentOf(optionalOption(options, 'document'));
      const file = optionalOption(options, 'roster');
      const body = { policy, repin, ...(file !== undefined && { roster: readJson(file) }) };
      if (document !== undefined) await assertAsked(apiClient(), document.kind);
      const json = await apiClient().call('POST', '/v1/policy', { body });
      if (document !== undefined) await attach(apiClient(), { answer: json, repin }, document);
      return { json, text: takenText(json, repin) };
    },
  },
  callingOperation('GET', '/v1/policy', {
    usage: 'policy show [--at T]',
    does: 'the policy in force, now or then',
    takes: { at: 'string' },
    sent: (_args, options) => ({ query: { at: optionalOption(options, 'at') } }),
    text: policyText,
  }),
  callingOperation('GET', '/v1/policy/explain', {
    usage: 'policy explain KEY [--kind K] [--impact I,…]',
    does: 'who would have to approve a change of this feature, and why',
    takes: { kind: 'string', impact: 'string' },
    sent: (args, options) => ({
      query: {
        key: argument(args, 0, 'KEY'),
        kind: optionalOption(options, 'kind'),
        impact: optionalOption(options, 'impact'),
      },
    }),
    text: ({ key, rule, requirements, documents, notice, window, term, observe, alarms }) => {
      const limits = { 'public before a decision': notice, 'lapses after': window, 'lasts at most': term };
      return [
        `${key}: rule ${rule}`,
        ...requirements.map(requirementText),
        ...(documents.length === 0 ? [] : [`  documents: ${documents.join(', ')}`]),
        ...Object.entries(limits).flatMap(([name, limit]) => (limit === null ? [] : [`  ${name}: ${limit}`])),
        ...Object.entries(observe?.sources ?? {}).map(
          ([source, { kind, every }]) => `  looked at by ${source} (${kind}) every ${every}`,
        ),
        ...(observe === null ? ['  looked at by no one: the policy names no source'] : []),
        ...alarms.map(({ requirement, detail }) => `  ! ${requirement}: ${detail}`),
      ].join('\n');
    },
  }),
];

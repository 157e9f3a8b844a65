import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { isZone } from '../../../domain/kernel/zone.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import type { RosterFile } from '../../../domain/roster/schema.ts';
import { CityContact, CityName, GateUrl } from '../../../functions/gate/ports.ts';
import { codeOf } from '../../../functions/platform/logging.ts';
import { logOriginAt } from '../../../functions/web/routes/pages.ts';
import { CommandRefused } from '../../local/errors.ts';
import { writeFileAtomically } from '../../local/folders.ts';
import { CONFIG_FILE, type ConfigFile } from '../../local/settings.ts';
import { type Command, type Options, optionalOption, WrongUsage } from '../usage.ts';

const IN_OFFICE_FROM = '2026-01-01';
const SEATS = { least: 3, most: 50 } as const;

/** A question to a city. `otherwise`: the answer if it is not asked or left empty; `wrong`: returns what an invalid answer must be. */
interface Question {
  readonly option: string;
  readonly asks: string;
  readonly otherwise: string;
  readonly wrong: (answer: string) => string | undefined;
}

const unless = (isRight: boolean, wrong: string): string | undefined => (isRight ? undefined : wrong);

const QUESTIONS = {
  city: {
    option: 'city',
    asks: 'The name of the city',
    otherwise: 'Example City',
    wrong: (answer) => unless(CityName.safeParse(answer).success, 'must be a name of at most a line'),
  },
  address: {
    option: 'address',
    asks: 'The address that people will use, such as https://gate.city.gov (empty: this machine only, to try it out)',
    otherwise: '',
    wrong: (answer) => unless(answer === '' || GateUrl.safeParse(answer).success, 'must be http(s)://HOST without a path'),
  },
  timeZone: {
    option: 'time-zone',
    asks: 'The time zone of the city, such as America/Denver',
    otherwise: 'UTC',
    wrong: (answer) => unless(isZone(answer), 'must be an IANA time zone such as America/Denver'),
  },
  contact: {
    option: 'contact',
    asks: 'Whom officials and residents call or write',
    otherwise: 'City clerk, clerk@city.example',
    wrong: (answer) => unless(CityContact.safeParse(answer).success, 'must be a text of at most a line'),
  },
  seats: {
    option: 'seats',
    asks: 'How many seats the council has',
    otherwise: '7',
    wrong: (answer) =>
      unless(
        /^\d+$/.test(answer) && Number(answer) >= SEATS.least && Number(answer) <= SEATS.most,
        `must be a number from ${SEATS.least} to ${SEATS.most}`,
      ),
  },
} as const satisfies Record<string, Question>;

type Answers = Readonly<Record<keyof typeof QUESTIONS, string>>;

/** Asks a person; undefined without a terminal. */
type Ask = ((question: string) => Promise<string>) | undefined;

const answerTo = async ({ option, asks, otherwise, wrong }: Question, options: Options, ask: Ask): Promise<string> => {
  const given = optionalOption(options, option);
  const fault = given === undefined ? undefined : wrong(given);
  if (fault !== undefined) throw new WrongUsage(`--${option} ${fault}`);
  if (given !== undefined) return given;
  for (let why: string | undefined; ask !== undefined; ) {
    const typed = (await ask(`${why === undefined ? '' : `It ${why}.\n`}${asks}${otherwise && ` [${otherwise}]`}: `)).trim();
    const answer = typed === '' ? otherwise : typed;
    why = wrong(answer);
    if (why === undefined) return answer;
  }
  return otherwise;
};

/** Returns the answers, from options or a person. Throws WrongUsage for an invalid option. */
export const answersOf = async (options: Options, ask: Ask): Promise<Answers> => {
  const answers: [string, string][] = [];
  for (const [name, question] of Object.entries(QUESTIONS)) answers.push([name, await answerTo(question, options, ask)]);
  return Object.fromEntries(answers) as Answers;
};

const HOST = '127.0.0.1';
const PORT = 8787;

/** Returns the port to listen on: the URL's if it names this machine, as then no proxy is in front. */
const portOf = (url: string): number => {
  const { protocol, hostname, port } = new URL(url);
  return protocol === 'http:' && [HOST, 'localhost'].includes(hostname) && port !== '' ? Number(port) : PORT;
};

const configOf = ({ city, address, timeZone, contact }: Answers, data: string): ConfigFile => {
  const url = address === '' ? undefined : GateUrl.parse(address);
  return {
    data,
    port: url === undefined ? PORT : portOf(url),
    host: HOST,
    ...(url !== undefined && { url, logOrigin: logOriginAt(url) }),
    timeZone,
    city,
    contact,
  };
};

const seatsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `district-${index + 1}`);

const holder = (id: string, name: string, body: string, seat: string) => ({
  id,
  name,
  body,
  seat,
  from: IN_OFFICE_FROM,
  email: `${id}@city.example`,
  language: 'en',
});

const rosterOf = (seats: string[]): RosterFile => ({
  bodies: {
    council: {
      name: { en: 'City Council', es: 'Concejo Municipal' },
      seats,
      seatLabels: Object.fromEntries(
        seats.map((seat, index) => [seat, { en: `District ${index + 1}`, es: `Distrito ${index + 1}` }]),
      ),
      attestedBy: 'clerk',
    },
    mayor: { name: { en: 'Mayor', es: 'Alcaldía' }, seats: ['mayor'] },
    clerk: { name: { en: 'City Clerk', es: 'Secretaría Municipal' }, seats: ['clerk'] },
  },
  holders: [
    ...seats.map((seat, index) => holder(seat, `Council member, District ${index + 1}`, 'council', seat)),
    holder('mayor', 'The Mayor', 'mayor', 'mayor'),
    holder('clerk', 'The City Clerk', 'clerk', 'clerk'),
  ],
});

/** Returns a city's initial policy. */
export const policyOf = (seats: number): Policy => {
  const require: Policy['rules'][number]['require'] = [
    {
      id: 'council',
      body: 'council',
      instrument: 'certification',
      threshold: { yes: 'majority', of: 'seats' },
      quorum: Math.floor(seats / 2) + 1,
    },
    {
      id: 'mayor',
      body: 'mayor',
      instrument: 'signature',
      after: ['council'],
      deadline: 'P10D',
      // Any member: one who disputes a record may not confirm the next, so a single seat could block it.
      override: { requirement: 'council', yes: Math.ceil((2 * seats) / 3), within: 'P30D', confirmedBy: 'council' },
    },
  ];
  return {
    name: 'Off by default: council and mayor decide',
    version: '1',
    rules: [
      { id: 'contract', when: { kind: ['contract'] }, require, notice: 'P0D', window: 'P120D', term: 'P2Y' },
      {
        id: 'data-sharing',
        when: { kind: ['data-sharing'] },
        require,
        // Approval requires that the vendor or the city has sent the report with its bytes (`aldergate document add`).
        documents: ['impact-report'],
        notice: 'P0D',
        window: 'P90D',
        term: 'P1Y',
      },
      { id: 'everything-else', when: {}, require, notice: 'P0D', window: 'P90D', term: 'P1Y' },
    ],
    passkeys: 'when-enrolled',
    webhooks: ['v1a', 'v1'],
    // The sources of `aldergate check` and the worklist: each may close what the other reported. Naming one later takes a vote.
    observe: { sources: { check: { kind: 'city', every: 'P7D' }, worklist: { kind: 'city', every: 'P1Y' } } },
  };
};

const DATA = './data';

/** Returns the next commands: for a trial folder, or for a machine whose gate a unit starts under its own user. */
const commandsFor = (data: string): readonly string[] =>
  data === DATA
    ? [
        'Then:',
        '',
        '  npx aldergate roster set roster.json       who holds which seat',
        '  npx aldergate policy adopt policy.json     who must approve what',
        '  npm start                                  the gate, at the address in aldergate.config.json',
        '',
        'Then let a vendor in: npx aldergate vendor add ID --name NAME',
      ]
    : [
        `Then start the gate, and here, as the user to whom ${data} belongs:`,
        '',
        '  aldergate roster set roster.json       who holds which seat',
        '  aldergate policy adopt policy.json     who must approve what',
        '',
        'Then let a vendor in: aldergate vendor add ID --name NAME',
      ];

const next = (written: readonly string[], kept: readonly string[], data: string): string =>
  [
    ...written.map((file) => `wrote ${file}`),
    ...kept.map((file) => `kept  ${file}: it was there already`),
    '',
    'Edit them: your council, your mayor and their mail addresses; who must approve what; how long a change',
    'must have been public before a decision counts ("notice"); who looks at what is really on at the vendors, and',
    'how often ("observe").',
    ...commandsFor(data),
  ].join('\n');

/** Throws CommandRefused for Ctrl-C and Ctrl-D, which reject a question. */
export const asEnded = (error: unknown): never => {
  throw codeOf(error) === 'ABORT_ERR' ? new CommandRefused('ended before the last question: nothing was written') : error;
};

const onTerminal = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return work(undefined);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await work((question) => terminal.question(question).catch(asEnded));
  } finally {
    terminal.close();
  }
};

export const initCommand: Command = {
  usage: 'init [--city N] [--address URL] [--time-zone Z] [--contact C] [--seats N] [--data FOLDER]',
  does: `writes ${CONFIG_FILE}, roster.json and policy.json to edit, and asks for what is not given; never over files that are there`,
  takes: { city: 'string', address: 'string', 'time-zone': 'string', contact: 'string', seats: 'string', data: 'string' },
  run: async (_args, options) => {
    const answers = await onTerminal((ask) => answersOf(options, ask));
    const seats = seatsOf(Number(answers.seats));
    const data = optionalOption(options, 'data') ?? DATA;
    const files = {
      [CONFIG_FILE]: configOf(answers, data),
      'roster.json': rosterOf(seats),
      'policy.json': policyOf(seats.length),
    };
    const written: string[] = [];
    const kept: string[] = [];
    for (const [file, content] of Object.entries(files)) {
      if (existsSync(file)) kept.push(file);
      else {
        writeFileAtomically(file, `${JSON.stringify(content, null, 2)}\n`, 0o666);
        written.push(file);
      }
    }
    return { json: { written, kept }, text: next(written, kept, data) };
  },
};

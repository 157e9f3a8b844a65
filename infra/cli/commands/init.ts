import { existsSync, writeFileSync } from 'node:fs';
import type { Policy } from '../../../domain/policy/schema.ts';
import type { RosterFile } from '../../../domain/roster/schema.ts';
import { CONFIG_FILE, type ConfigFile } from '../../local/settings.ts';
import type { Command } from '../usage.ts';

const DISTRICTS = 7;
const IN_OFFICE_FROM = '2026-01-01';

const config: ConfigFile = {
  data: './data',
  port: 8787,
  host: '127.0.0.1',
  timeZone: 'UTC',
  city: 'Example City',
  contact: 'City clerk, clerk@city.example',
};

const seats = Array.from({ length: DISTRICTS }, (_, index) => `district-${index + 1}`);

const holder = (id: string, name: string, body: string, seat: string) => ({
  id,
  name,
  body,
  seat,
  from: IN_OFFICE_FROM,
  email: `${id}@city.example`,
  language: 'en',
});

const roster: RosterFile = {
  bodies: {
    council: {
      name: 'City Council',
      seats,
      seatLabels: Object.fromEntries(seats.map((seat, index) => [seat, `District ${index + 1}`])),
      attestedBy: 'clerk',
    },
    mayor: { name: 'Mayor', seats: ['mayor'] },
    clerk: { name: 'City Clerk', seats: ['clerk'] },
  },
  holders: [
    ...seats.map((seat, index) => holder(seat, `Council member, District ${index + 1}`, 'council', seat)),
    holder('mayor', 'The Mayor', 'mayor', 'mayor'),
    holder('clerk', 'The City Clerk', 'clerk', 'clerk'),
  ],
};

const require: Policy['rules'][number]['require'] = [
  { id: 'council', body: 'council', instrument: 'certification', threshold: { yes: 'majority', of: 'seats' }, quorum: 4 },
  {
    id: 'mayor',
    body: 'mayor',
    instrument: 'signature',
    after: ['council'],
    deadline: 'P10D',
    // The presiding officer confirms the vote that overturns a refusal; name the seat that presides in your council.
    override: { requirement: 'council', yes: 5, within: 'P30D', confirmedBy: 'council/district-1' },
  },
];

const policy: Policy = {
  name: 'Off by default: council and mayor decide',
  version: '1',
  rules: [
    { id: 'contract', when: { kind: ['contract'] }, require, notice: 'P0D', window: 'P120D', term: 'P2Y' },
    {
      id: 'data-sharing',
      when: { kind: ['data-sharing'] },
      require,
      // Nothing is approved before the vendor or the city has sent the report with its bytes (`aldergate document add`).
      documents: ['impact-report'],
      notice: 'P0D',
      window: 'P90D',
      term: 'P1Y',
    },
    { id: 'everything-else', when: {}, require, notice: 'P0D', window: 'P90D', term: 'P1Y' },
  ],
  passkeys: 'when-enrolled',
  webhooks: ['v1a', 'v1'],
};

const next = (written: readonly string[], kept: readonly string[]): string =>
  [
    ...written.map((file) => `wrote ${file}`),
    ...kept.map((file) => `kept  ${file}: it was there already`),
    '',
    'Edit them: your council, your mayor and their mail addresses; who must approve what; how long a change',
    'must have been public before a decision counts ("notice"). Then:',
    '',
    '  npx aldergate roster set roster.json       who holds which seat',
    '  npx aldergate policy adopt policy.json     who must approve what',
    '  npm start                                  the gate, at the address in aldergate.config.json',
    '',
    'Then let a vendor in: npx aldergate vendor add ID --name NAME',
  ].join('\n');

export const initCommand: Command = {
  usage: 'init',
  does: `writes ${CONFIG_FILE}, roster.json and policy.json to edit; never over files that are there`,
  run: async () => {
    const files = { [CONFIG_FILE]: config, 'roster.json': roster, 'policy.json': policy };
    const written: string[] = [];
    const kept: string[] = [];
    for (const [file, content] of Object.entries(files)) {
      if (existsSync(file)) kept.push(file);
      else {
        writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx' });
        written.push(file);
      }
    }
    return { json: { written, kept }, text: next(written, kept) };
  },
};

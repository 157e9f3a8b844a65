import { type LocalMoment, localMoment } from '../../../domain/kernel/zone.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { attestedBy } from '../../../domain/roster/bodies.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { readPolicies, readRosters } from '../../gate/aggregates.ts';
import type { Store } from '../../platform/store/port.ts';
import { clerksOf, type Recipient } from './draft.ts';

/** `itMail`: undefined if the city has no such address; then the clerks have IT's mail. */
export interface RecipientPorts {
  readonly store: Store;
  readonly clock: () => string;
  readonly zone: string;
  readonly itMail: string | undefined;
}

const holders = (ids: Iterable<string>): readonly Recipient[] => [...new Set(ids)].map((holder) => ({ holder }));

const inOffice = (roster: Roster, bodies: readonly string[], when: LocalMoment): readonly string[] =>
  bodies.flatMap((body) => [...holdersOf(roster, body, when).values()].map(({ id }) => id));

/** That act under the policy or certify for one that does. */
export const actingBodies = ({ rules }: Policy, roster: Roster): readonly string[] => {
  const asked = new Set(rules.flatMap(({ require }) => require.map(({ body }) => body)));
  return Object.keys(roster.bodies).filter((id) => asked.has(id) || attestedBy(roster, id).some((body) => asked.has(body)));
};

/** That decide by one of the instruments, under any rule. */
const decidingBodies = ({ rules }: Policy, instruments: readonly string[]): readonly string[] => [
  ...new Set(
    rules.flatMap(({ require }) => require.flatMap(({ body, instrument }) => (instruments.includes(instrument) ? body : []))),
  ),
];

/** The clerks in office, and IT. */
export const clerksAndIt = async (ports: RecipientPorts): Promise<readonly Recipient[]> => {
  const { inForce } = await readRosters(ports);
  const today = localMoment(ports.clock(), ports.zone);
  const clerks = inForce === null ? [] : clerksOf(inForce.roster, today);
  return [...holders(clerks), ...(ports.itMail === undefined ? [] : [{ itMail: ports.itMail }])];
};

const deciding = async (ports: RecipientPorts, instruments: readonly string[]): Promise<readonly string[]> => {
  const [{ inForce }, policy] = await Promise.all([readRosters(ports), readPolicies(ports)]);
  if (inForce === null || policy.inForce === null) return [];
  const today = localMoment(ports.clock(), ports.zone);
  return inOffice(inForce.roster, decidingBodies(policy.inForce.policy, instruments), today);
};

/** Those who sign under the policy in force, such as the mayor. */
export const signers = async (ports: RecipientPorts): Promise<readonly Recipient[]> =>
  holders(await deciding(ports, ['signature']));

/** Those who decide under the policy in force, such as the mayor and the members of the council; not those who only advise. */
export const deciders = async (ports: RecipientPorts): Promise<readonly Recipient[]> =>
  holders(await deciding(ports, ['signature', 'certification', 'ballots']));

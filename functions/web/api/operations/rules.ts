import { localMoment } from '../../../../domain/kernel/zone.ts';
import { POLICY_STREAM } from '../../../../domain/policy/decide.ts';
import { explainPolicy } from '../../../../domain/policy/explain.ts';
import type { Policy } from '../../../../domain/policy/schema.ts';
import { policyAggregate, readPolicies, readRosters } from '../../../gate/aggregates.ts';
import { stateAtInstant } from '../../../gate/heads.ts';
import { setRoster } from '../../../gate/rosters.ts';
import { readRules } from '../../../gate/rules.ts';
import { adoptPolicy, repinAll, waitingPolicy } from '../../../reactions/adoption/policies.ts';
import { rosterProposalOf } from '../../../register/views/rosterProposal.ts';
import { pastInstant } from '../../http/input.ts';
import { refusedBy, rejectedAt } from '../../http/problems.ts';
import { type ApiDeps, handling } from '../bind.ts';

const rosterStatus = async ({ ports }: ApiDeps, warning: string | null = null) => {
  const state = await readRosters(ports);
  const { inForce } = state;
  return {
    body: {
      number: inForce?.number ?? null,
      since: inForce?.since ?? null,
      waits: rosterProposalOf(state, ports.zone),
      warning,
      roster: inForce?.roster ?? null,
    },
  };
};

const policyStatus = async ({ ports }: ApiDeps, at: string | undefined) => {
  const instant = at === undefined ? undefined : pastInstant(at, ports);
  const state =
    instant === undefined ? await readPolicies(ports) : await stateAtInstant(ports, policyAggregate, POLICY_STREAM, instant);
  const inForce = state?.inForce ?? null;
  return {
    body: {
      number: inForce?.number ?? null,
      since: inForce?.since ?? null,
      sha256: inForce?.sha256 ?? null,
      waits: instant === undefined ? ((await waitingPolicy(ports)) ?? null) : null,
      policy: inForce?.policy ?? null,
      bodies: inForce?.bodies ?? null,
    },
  };
};

/** The part of the body of `POST /v1/policy` that a refusal is about. */
const PARTS: Readonly<Record<string, string>> = { 'policy-refused': '/policy', 'roster-refused': '/roster' };

export const ruleHandlers = handling((deps) => ({
  '/v1/roster': {
    GET: () => rosterStatus(deps),
    PUT: async ({ body }) => {
      const outcome = await setRoster(deps.ports, body, deps.rosterSalt);
      if (!outcome.ok) throw refusedBy(outcome.rejection);
      return rosterStatus(deps, outcome.warning);
    },
  },
  '/v1/policy': {
    GET: ({ query }) => policyStatus(deps, query.at),
    POST: async ({ body: { policy, roster, repin } }) => {
      const file = roster === undefined ? undefined : { roster, salt: deps.rosterSalt };
      const outcome = await adoptPolicy(deps.ports, policy, file);
      if (!outcome.ok) throw refusedBy(rejectedAt(PARTS[outcome.rejection.code] ?? '', outcome.rejection));
      if (outcome.status === 'waiting')
        return { body: { number: null, sha256: outcome.sha256, waits: outcome.waits, policy: null }, status: 202 };
      const repinned = repin === true ? await repinAll(deps.ports) : 0;
      return { body: { number: outcome.number, sha256: outcome.sha256, waits: null, policy: policy as Policy, repinned } };
    },
  },
  '/v1/policy/explain': {
    GET: async ({ query: { key, kind, impact } }) => {
      const { ports } = deps;
      const { policy, roster } = await readRules(ports);
      if (policy === null || roster === null) throw refusedBy({ code: 'no-policy', detail: 'no policy is adopted' });
      const question = {
        key,
        when: localMoment(ports.clock(), ports.zone),
        ...(kind !== undefined && { kind }),
        ...(impact !== undefined && { impact }),
      };
      return { body: explainPolicy(policy.policy, roster.roster, question) };
    },
  },
}));

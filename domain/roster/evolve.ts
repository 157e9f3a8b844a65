import type { RosterEvent } from './events.ts';
import type { Proposal, RosterState } from './state.ts';

/** Returns the state after one event. One case per event and no default, so that the compiler reports a missing case. */
export const evolveRoster = (state: RosterState, event: RosterEvent): RosterState => {
  switch (event.type) {
    case 'RosterAdopted': {
      const { number, sha256, at, roster, contacts } = event;
      return { ...state, inForce: { number, sha256, since: at, roster, contacts }, proposal: null };
    }
    case 'RosterProposed': {
      const { type: _, v: __, at, ...proposed } = event;
      return { ...state, proposal: { ...proposed, since: at } };
    }
    case 'PasskeysReset':
      return { ...state, resets: { ...state.resets, [event.holder]: event.generation } };
    case 'LinksCutOff':
      return { ...state, links: { ...state.links, [event.holder]: event.generation + 1 } };
    case 'RosterConfirmed': {
      const { holder, body, seat } = event;
      return onProposal(state, (proposal) => ({
        ...proposal,
        confirmations: [...(proposal.confirmations ?? []), { holder, body, seat }],
      }));
    }
    case 'HandoverObjected': {
      const { holder, at, reason } = event;
      return onProposal(state, (proposal) => ({
        ...proposal,
        objections: [...(proposal.objections ?? []), { holder, at, reason }],
      }));
    }
    case 'RosterProposalEnded':
      return { ...state, proposal: null };
  }
};

const onProposal = (state: RosterState, change: (proposal: Proposal) => Proposal): RosterState =>
  state.proposal === null ? state : { ...state, proposal: change(state.proposal) };

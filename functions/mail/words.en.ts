import type { Words } from './vocabulary.ts';

/** English. */
export const words: Words = {
  locale: 'en-US',
  subjectDecide: {
    certification: ({ title, change }, body) => `Certify the vote of ${body}: ${title} (${change})`,
    signature: ({ title, change }) => `Sign or refuse: ${title} (${change})`,
    ballots: ({ title, change }) => `Your vote is needed: ${title} (${change})`,
    advice: ({ title, change }) => `Your advice is asked for: ${title} (${change})`,
  },
  subjectOverride: ({ title, change }, body) => `Vetoed, ${body} can override: ${title} (${change})`,
  subjectInformed: ({ title, change }, body) => `For your information, before ${body}: ${title} (${change})`,
  subjectOutcome: {
    approved: ({ title, change }) => `Approved: ${title} (${change})`,
    refused: ({ title, change }) => `Refused: ${title} (${change})`,
    lapsed: ({ title, change }) => `Lapsed without a decision: ${title} (${change})`,
    withdrawn: ({ title, change }) => `Withdrawn by the vendor: ${title} (${change})`,
    expired: ({ title, change }) => `The approval has ended: ${title} (${change})`,
    revoked: ({ title, change }) => `Switched off: ${title} (${change})`,
    removed: ({ title, change }) => `Removed by the vendor: ${title} (${change})`,
    vetoed: ({ title, change }) => `Vetoed: ${title} (${change})`,
  },
  subjectAlarm: ({ title, change }) => `Cannot be decided as things stand: ${title} (${change})`,
  subjectRoster: 'Confirm a change of the roster of officials',
  byWhen: (subject, by) => `${subject}, by ${by}`,
  about: ({ title, change }, revision) => `Change ${change}, revision ${revision}: “${title}”`,
  vendorSays: (summary) => `The notice says: “${summary}”`,
  ask: {
    certification: (body) =>
      `${body} decides on this by a roll call at a meeting. When it has voted, certify the vote, whatever its result, on this page:`,
    signature: () => 'Read the whole notice, then sign it or refuse it, on this page:',
    ballots: () => 'Read the whole notice, then give your answer, on this page:',
    advice: () => 'Read the whole notice, then give your advice, on this page. It is published and does not decide:',
  },
  askOverride: (vetoedBy, body, yes) =>
    `${vetoedBy} has not approved this. ${body} can override that with ${yes} votes at a second meeting. When it has voted again, certify that vote on this page:`,
  informed: (body) =>
    `This has been put before ${body}, of which you are a member. You decide at a meeting, not by mail: nothing is asked of you here.`,
  informedVeto: (vetoedBy, body, yes) =>
    `${vetoedBy} has not approved this. ${body}, of which you are a member, can override that with ${yes} votes at a second meeting. Nothing is asked of you here.`,
  openUntil: (by) => `It can be decided until ${by}. Without a decision the answer is no.`,
  openFrom: (from) => `A decision counts from ${from}: until then the notice must have been public.`,
  noEnd: 'There is no time limit. Until it is decided the answer is no.',
  linkIsYours: 'Opening the link decides nothing. It is yours alone: whoever has it can act in your place, so do not forward it.',
  publicPage: (url) => `Everyone can read the notice and what has been decided at ${url} (this page decides nothing).`,
  outcome: {
    approved: 'Every required approval has been given. It may be on.',
    refused: 'It has been refused. It stays off.',
    lapsed: 'The time for a decision is over and nobody approved it in full. It stays off.',
    withdrawn: 'The vendor has taken it back. There is nothing more to decide.',
    expired: 'The approval has come to its end. It must be off now; only a new decision can switch it on again.',
    revoked: 'The approval no longer holds. It must be off now; only a new decision can switch it on again.',
    removed: 'The vendor takes it away. There is nothing more to decide.',
    vetoed: 'It has been vetoed.',
  },
  validUntil: (by) => `The approval holds until ${by} at the latest.`,
  alarm: {
    nobody: (body) => `Nobody is in office who could act for ${body}.`,
    'no-body': (body) => `The roster has no body named ${body}.`,
    'no-seat': (body) => `${body} has fewer seats than the votes that are needed.`,
    vacant: (body) => `Nobody holds a seat of ${body}.`,
    'no-clerk': (body) => `Nobody is in office to certify the votes of ${body}.`,
    'too-few': (body) => `Too few seats of ${body} are filled for the votes that are needed.`,
    'one-person': (body) => `The only person who could act for ${body} must act for another body too; two persons are needed.`,
  },
  alarmMeans: 'It stays open and off. The roster has to be corrected before it can be approved.',
  askRoster:
    'A new roster of officials has been put forward. It binds nobody until you, or somebody else in office, confirm it. Compare it with what you know, then confirm it on this page:',
  subjectPasskey: {
    added: 'A passkey of yours was set up',
    removed: 'A passkey of yours was removed',
    reset: 'Your passkeys were reset',
  },
  passkey: {
    added: (when) => `A passkey was set up for you on ${when}. From now on it signs what you decide.`,
    removed: (when) => `One of your passkeys was removed on ${when}. It can no longer sign for you.`,
    reset: (when) =>
      `All your passkeys were ended on ${when}, because somebody said that you have lost them. The public log says who.`,
  },
  passkeyAgain: 'Set up a new passkey on this page. No older link can do that:',
  passkeyNotYou: 'Was that not you, or did you not ask for it? Then tell the clerk at once.',
};

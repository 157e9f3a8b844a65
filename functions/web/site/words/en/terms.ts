import { effectEn } from '../../../../platform/effectWords.ts';

/** English: the terms of a decision, what takes effect, and what came as maintenance. */
export const termsEn = {
  effect: {
    heading: 'What takes effect',
    asItStands: 'As things stand, this is what a yes allows:',
    withTerms: 'This is what your yes allows:',
    by: effectEn.by,
  },
  terms: {
    heading: 'The terms',
    first: 'You decide first, so you set the terms. Everyone after you signs the same terms, or does not sign.',
    later: 'The first to decide set these terms. They cannot be changed.',
    none: 'These terms set no limits.',
    from: effectEn.from,
    fromHint: 'First day it may be on, such as 2027-01-01. Empty: at once.',
    until: effectEn.until,
    untilHint: 'Last day it may be on, such as 2027-03-31. Empty: as long as the rules allow.',
    audience: effectEn.audience,
    audienceHint: 'Only these may use it. Empty: every agency.',
    agency: 'Agency {n}',
    maintenance: effectEn.maintenance,
    maintenanceYes: effectEn.maintenanceYes,
    maintenanceLabel: 'Allow signed updates that change nothing',
    maintenanceHint: 'All nine answers of the vendor must be “as before”. If someone objects, a new vote is needed.',
    conditions: effectEn.conditions,
    conditionsHint: 'Part of the act, and public. For example: images are kept for 21 days at most.',
  },
  takeBack: {
    heading: 'Take your refusal back',
    lead: 'Was it a mistake? You can take it back until {when}. Then it waits for your decision again. The time to decide runs on.',
    reason: 'Why do you take it back?',
    reasonHint: 'Anyone can read this.',
    done: 'You took back your refusal of “{title}”.',
    submit: 'Take it back',
  },
  contest: {
    heading: 'Is this more than a small fix?',
    lead: 'The vendor says this update changes nothing, so it needed no new vote. If that is wrong, object here. From then on it counts as a change.',
    reason: 'Why?',
    reasonHint: 'Public. What does it change?',
    submit: 'Object to this update',
    done: 'It came as a small fix. {who} objected on {when}, so it counts as a change.',
    came: 'It came as a small fix: signed, and all nine answers are “as before”. The approval stays in force unless someone objects.',
    token: 'The city’s IT',
  },
};

import { effectEn } from '../effectWords.ts';
import type { AlarmCode, ByInstrument, ChangeOutcome, Each, PasskeyNews, WeeklyOutcome } from './vocabulary.ts';

/**
 * The English texts of mails; every other language has the same shape. `{title}` and `{change}` name a change, `{body}`,
 * `{Body}` and `{ofBody}` a body with its article, `{by}` and `{when}` a day or a moment in words.
 */
export const mailEn = {
  /** The language tag for formatting dates and numbers. */
  locale: 'en-US',
  direction: 'ltr' as 'ltr' | 'rtl',
  /** The label of the button that leads to the page of a link. */
  openPage: 'Open the page',
  subjectDecide: {
    certification: 'Certify the vote {ofBody}: {title} ({change})',
    signature: 'Sign or refuse: {title} ({change})',
    ballots: 'Your vote is needed: {title} ({change})',
    advice: 'Your advice is asked for: {title} ({change})',
  } satisfies ByInstrument,
  subjectOverride: 'Vetoed, {body} can override: {title} ({change})',
  subjectMeeting: 'A meeting is named, {body} can override: {title} ({change})',
  subjectConfirm: 'Confirm the certified vote {ofBody}: {title} ({change})',
  subjectDisputed: 'Your certificate is disputed: {title} ({change})',
  subjectInformed: 'For your information, before {body}: {title} ({change})',
  subjectOutcome: {
    approved: 'Approved: {title} ({change})',
    overtaken: 'Approved and replaced at once: {title} ({change})',
    began: 'In force from now on: {title} ({change})',
    refused: 'Refused: {title} ({change})',
    lapsed: 'Lapsed without a decision: {title} ({change})',
    withdrawn: 'Withdrawn by the vendor: {title} ({change})',
    expired: 'The approval has ended: {title} ({change})',
    revoked: 'Switched off: {title} ({change})',
    removed: 'Removed by the vendor: {title} ({change})',
    vetoed: 'Vetoed: {title} ({change})',
    contested: 'Not a small fix, someone objected: {title} ({change})',
    takenBack: 'The refusal was taken back: {title} ({change})',
    rolledBack: 'Rolled back: {title} ({change})',
  } satisfies Each<ChangeOutcome>,
  subjectAlarm: 'Cannot be decided as things stand: {title} ({change})',
  subjectRoster: 'Confirm a change of the list of officials',
  subjectFirstDay: 'You now act for {body}: changes that you cannot decide',
  firstDay:
    'From today you act for {body}. You took part in these changes elsewhere, and one person counts only once in a change. So you cannot decide them for {body}; someone else must:',
  subjectReset: 'Confirm that passkeys are reset',
  subjectConcerned: 'A proposal concerns you: is it right?',
  subjectRefused: 'Someone refused what was proposed',
  byWhen: '{subject}, by {by}',
  named: '“{title}” ({change})',
  about: 'Change {change}, revision {revision}: “{title}”',
  vendorSays: 'The notice says: “{summary}”',
  /** Follows the vendor's words if no signature proves that they are the vendor's. */
  notSigned: 'The vendor did not sign this notice: nothing proves that these are its words.',
  ask: {
    certification:
      '{Body} decides on this by a roll call at a meeting. When it has voted, certify the vote, whatever its result, on this page:',
    signature: 'Read the whole notice, then sign it or refuse it, on this page:',
    ballots: 'Read the whole notice, then give your answer, on this page:',
    advice: 'Read the whole notice, then give your advice, on this page. It is published and does not decide:',
  } satisfies ByInstrument,
  askOverride:
    '{Refuser} did not approve this. {Body} can override that with {n} votes at a second meeting. When it has voted again, certify that vote on this page:',
  secondVote: {
    from: 'A second vote counts from {day}.',
    meeting: 'The meeting of {day} is named for it.',
    named: '{Refuser} did not approve this. {Body} can override that with {n} votes, and the meeting for it has been named.',
    nameMeeting:
      'Is the next meeting later? Then name its day on the same page, before that time is over. It can be held by {day}.',
  },
  askConfirm:
    'The clerk has certified a vote {ofBody}. It counts only once a second person confirms that the record is right. You do not vote again. Confirm it, or say what is wrong, on this page:',
  askDisputed:
    'The record of the vote {ofBody} is disputed, so it does not count yet. The reason is on this page. Correct the record there, or certify the vote again:',
  informed:
    'This has been put before {body}, of which you are a member. You decide at a meeting, not by mail. You need not do anything now.',
  informedVeto:
    '{Refuser} did not approve this. {Body}, of which you are a member, can override that with {n} votes at a second meeting. You need not do anything now.',
  effect: {
    ...effectEn,
    asked: 'If it is approved, this takes effect:',
    approved: 'This takes effect:',
  },
  openUntil: 'It can be decided until {by}. Without a decision the answer is no.',
  openFrom: 'A decision counts from {from}. Until then the public can read the notice.',
  noEnd: 'There is no time limit. Until it is decided the answer is no.',
  linkIsYours:
    'Opening the link decides nothing. It is yours alone: anyone who has it can act in your place, so do not forward it.',
  /** Precedes the address of the public page. */
  publicPage: 'A public page shows the notice and what was decided. It decides nothing:',
  outcome: {
    approved: 'All who must approve have said yes.',
    overtaken:
      'All who must approve have said yes. But words that the vendor sent later are in force, so this approval is recorded and switches nothing on.',
    began: 'Its time has come: the approval is in force. What it replaces no longer counts.',
    refused: 'It has been refused. It stays off.',
    lapsed: 'The time to decide is over, and not all who must approve said yes. It stays off.',
    withdrawn: 'The vendor has taken it back. There is nothing more to decide.',
    expired: 'The approval has ended. It must be off now. Only a new decision can switch it on again.',
    revoked: 'The approval no longer holds. It must be off now. Only a new decision can switch it on again.',
    removed: 'The vendor takes it away. There is nothing more to decide.',
    vetoed: 'It has been vetoed.',
    contested:
      'It came as a small fix that changes nothing. Someone with the right to object did so, so it counts as a change now and needs approval. If the vendor cannot hold it back, the feature must be off until then.',
    takenBack:
      'The one who refused it took that back. The reason is on the page. It waits for a decision again, and stays off until then.',
    rolledBack:
      'Two persons of two bodies have confirmed that the vendor undid it. It no longer makes untrue what was approved before it.',
  } satisfies Each<ChangeOutcome>,
  alarm: {
    'no-official': 'No one in office can act for {body}.',
    'no-body': 'The list of officials has no body named {name}.',
    'no-seat': '{Body} has fewer seats than the votes that are needed.',
    vacant: 'No one holds a seat {ofBody}.',
    'no-clerk': 'No one in office can certify the votes {ofBody}.',
    'too-few': 'Too few seats {ofBody} are filled for the votes that are needed.',
    'one-person': 'The only person who could act for {body} must act for another body too; two persons are needed.',
    'two-persons':
      'Every body has said yes, but one person alone acted for all of them. Two people are needed, so it is not approved.',
  } satisfies Each<AlarmCode>,
  alarmMeans: 'It stays open and off. The list of officials has to be corrected before it can be approved.',
  askRoster: 'A new list of officials has been proposed. Compare it with what you know, then confirm or refuse it on this page:',
  askReset:
    'Someone asked to reset the passkeys of {who}. A mail would then let them set up a new one. Speak with {who} first, then confirm or refuse it on this page:',
  subjectRollback: 'Confirm that it is undone: {title} ({change})',
  askRollback:
    '“{title}” took effect without approval, and the vendor says that it is undone. Confirm it on this page if you know that it is:',
  askTwo: 'It counts only once people in office confirm it, each by their own link. You can be one of them.',
  concerned: {
    roster: 'A new list of officials has been proposed. It changes your term, your name or the address that your links go to.',
    passkeys: 'Someone asked to reset your passkeys. A mail to you would then let you set up a new one.',
    keeps:
      'Until people in office confirm it, nothing changes for you. If it is wrong, tell them. If you can confirm it, another mail brings you a link: refuse it there.',
  },
  refusedProposal: '{who} refused what was proposed. That stops nothing. Read why on this page before you confirm it:',
  links: {
    subject: 'Your links were replaced',
    cutOff: 'All your links to Aldergate were replaced on {when}. The old ones decide nothing any more.',
    newOnes: 'For each thing that waits for you, a new link comes in a mail of its own.',
    noNewOnes: 'No new link is in this mail. The next mail about something to decide has one, or ask the clerk.',
    stillOff: 'Until you use a new link, the old ones can still switch off what your office approved.',
    notYou: 'If you did not expect this, tell the clerk at once.',
    cutOffOf: 'All links of {who} were replaced on {when}. The old ones decide nothing any more.',
    stillOffOf: 'They can still switch off, until a new one was used.',
    askThem: 'If you did not expect this, ask the person, and not by mail.',
    switchedOff: 'An old link switched something off',
    oldLink: 'A replaced link of {who} was used on {when} to switch off {change}.',
  },
  reminder: {
    subject: 'Reminder: {subject}',
    lead: 'This still waits for you. Without a decision the answer is no.',
  },
  weekly: {
    subject: 'What waits and what was decided: the week to {day}',
    lead: 'This is how things stood on the morning of {day}.',
    waiting: { one: 'One change waits for a decision:', other: '{n} changes wait for a decision:' },
    nothingWaits: 'No change waits for a decision.',
    openUntil: '“{title}” ({change}), open until {by}',
    openWithoutEnd: '“{title}” ({change}), open without a time limit',
    happened: { one: 'One thing was decided or ended last week:', other: '{n} things were decided or ended last week:' },
    became: {
      approved: '“{title}” ({change}) was approved',
      refused: '“{title}” ({change}) was refused',
      lapsed: '“{title}” ({change}) ran out of time and stays off',
      withdrawn: '“{title}” ({change}) was taken back by the vendor',
      expired: '“{title}” ({change}) ended and is off',
      revoked: '“{title}” ({change}) was switched off',
      removed: '“{title}” ({change}) was removed by the vendor',
    } satisfies Each<WeeklyOutcome>,
    fixes: {
      one: 'One signed update came as a small fix last week. It needs no vote unless someone objects.',
      other: '{n} signed updates came as small fixes last week. They need no vote unless someone objects.',
    },
    object: 'Read “{title}” ({change}), or object to it, on this page:',
    ending: { one: 'One approval ends within 30 days:', other: '{n} approvals end within 30 days:' },
    ends: '“{title}” ({change}) is approved until {by}',
    more: 'and {n} more',
    register: 'The whole register:',
    stop: 'You get this mail each Monday. To stop it, open this page and press the button:',
  },
  drift: {
    subject: { one: 'On without permission: {key}', other: 'On without permission: {key} and {more} more' },
    lead: {
      one: 'At {vendor}, one feature was seen on that may not be on:',
      other: 'At {vendor}, {n} features were seen on that may not be on:',
    },
    feature: '{key}, seen on {when} by “{source}”',
    means: 'The city has not approved this, or no longer approves it. Have the vendor switch it off, or find out why it is on.',
    once: 'This is the only mail about it while it stays on. There is another one when it is seen on again after it was off or approved.',
    page: 'What the city has decided about it, on a public page:',
  },
  fault: {
    subject: { one: 'Aldergate found something that is not right', other: 'Aldergate found {n} things that are not right' },
    lead: 'Aldergate checks all it has stored. It found this:',
    one: '{code}, since {when}: {detail}',
    means: 'What depends on it counts as off. Officials can still switch things off by their links.',
    todo: 'Ask your IT staff to run “aldergate doctor”. It shows what to do. They should also find out who can write into the database.',
    once: 'This is the only mail about it while it lasts.',
    page: 'What is on and what is off, on a public page:',
  },
  subjectPasskey: {
    added: 'A passkey of yours was set up',
    removed: 'A passkey of yours was removed',
    reset: 'Your passkeys were reset',
  } satisfies Each<PasskeyNews>,
  passkey: {
    added: 'A passkey was set up for you on {when}. From now on it signs what you decide.',
    removed: 'One of your passkeys was removed on {when}. It can no longer sign for you.',
    reset:
      'All your passkeys were ended on {when}, because someone reported that you have lost them. The public log shows who did.',
  } satisfies Each<PasskeyNews>,
  passkeyAgain: 'Set up a new passkey on this page. No older link can do that:',
  passkeyNotYou: 'If this was not you, or you did not ask for it, call the clerk at once.',
  /** Ends every mail. */
  sentFor: 'Sent for {city} by Aldergate. It holds back what vendors change until the city says yes.',
  contact: 'Questions: {contact}',
};

/** Every text of a mail in one language, with `{slots}` that `fillText` and `fillCount` fill. */
export type MailWords = typeof mailEn;

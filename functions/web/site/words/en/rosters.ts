const GONE = 'This list is no longer proposed.';
const NOT_THE_CLERK = 'Only the clerk confirms this.';
const NOT_IN_OFFICE = 'You do not hold this seat today, so you cannot confirm it.';

/** English, what officials read when they confirm what another proposed or asked for: a list of officials, the end of a text. */
export const rosterEn = {
  roster: {
    title: 'A new list of officials',
    heading: 'Is this list of officials right?',
    lead: 'Version {n} was proposed on {when}. It counts once you confirm it. If anything is wrong, do not confirm it: then nothing changes.',
    added: 'New',
    removed: 'Removed',
    term: '{seat}: {holder}, from {from}',
    termTo: '{seat}: {holder}, from {from} to {to}',
    bodies: 'Bodies whose seats, names or addresses change',
    broken: 'Changes that could not be approved any more',
    same: 'No seat and no name changes. A mail address does.',
    confirm: 'I confirm this list',
    done: 'Confirmed. Version {n} is in force.',
    gone: GONE,
    may: {
      'not-in-office': NOT_IN_OFFICE,
      'own-change': 'It changes your own body or term, so someone else must confirm it.',
      'not-the-clerk': NOT_THE_CLERK,
    },
    digest: 'Digest {digest}',
    addresses: 'Where links go',
    moved: '{holder}: to {after}, until now to {before}',
    starts: '{holder}: to {after}',
    stops: '{holder}: no longer to {before}',
    noAddress: 'no address',
    handover: 'It changes who receives the links of someone in office. They got a mail and can object.',
    takesEffect: 'It counts from {when} if the clerk’s confirmation is there, or at once if two bodies confirm it.',
    everyBody: 'It changes every body. It counts once the clerk and one more body have confirmed it.',
    objection: '{who} objects, so a second body must confirm it. Reason: {reason}',
    confirmedBy: 'Confirmed by {who}.',
    mine: 'You have confirmed this list.',
  },
  handover: {
    title: 'Who receives your links',
    heading: 'Someone else may soon receive your links',
    lead: 'A new list of officials was proposed on {when}. It changes who receives your links as {role}.',
    address: 'Your links would go to another mail address.',
    term: 'Your term in this seat would end, or end earlier.',
    until: 'It can count from {when}. Until this is settled, your links decide nothing. You can still switch off.',
    ask: 'Is this wrong? Then object. A second body must then confirm the list.',
    reason: 'What is wrong?',
    reasonHint: 'Everyone who can confirm the list reads this.',
    submit: 'I object',
    done: 'You objected on {when}. Now a second body must confirm the list.',
    gone: GONE,
    inForce: 'This list is in force.',
  },
};

/**
 * Why a field may be claimed by the gate alone, by the beginning of its name: what bounds the claim, or why nothing rests on it. A test
 * compares the keys with the fields that are claimed.
 */
export const CLAIMS: Readonly<Record<string, string>> = {
  'AccessIssued.issued':
    'The operator issues tokens and forms, in public; a form lasts a year at most. What each may do is judged, and who is named fills no requirement.',
  'ApprovalRevoked.fileNumber': 'The file is the city’s. A revocation only ever switches off.',
  'ApprovalRevoked.reason': 'A commitment to a text; `fsck` compares the text.',
  'ChangeNotified.provenance.channel': 'The city’s own statement of the channel; `webhook`, `form` and `operator` are judged.',
  'ChangeNotified.provenance.evidence': 'The hash of a document that the city keeps.',
  'ChangeNotified.provenance.heardAt': 'The city’s own word. The clocks of a change run from the commit, never from here.',
  'DocumentAttached.title': 'The sender’s word for the document. What counts is its hash.',
  'DocumentPartKept.partSha256': 'Compared with the bytes, which `fsck` and `verify --notices` read.',
  'KeyAdded.key': 'The operator says which key is a vendor’s. It is public, so the vendor can look.',
  'LinksCutOff.reissued': 'Whether mails follow. Nothing is decided by it.',
  LogKeyAnnounced: '`verify` checks the hand-over, which both keys signed, against the checkpoints.',
  'MaintenanceContested.reason': 'A commitment to a text; `fsck` compares the text. A contest only ever switches off.',
  NoticeReceived: 'What the same delivery is answered again. The notice itself stands in its own commit.',
  'ObservationRecorded.evidence': 'The hash of a document that the observer keeps.',
  'ObservationRecorded.features': 'Who observes is judged, what they saw is their word. Nothing is ever on because of it.',
  'ObservationRecorded.note': 'The observer’s own words.',
  'ObservationRecorded.observedAt': 'The observer’s word. It is not in the future.',
  'OptOutRecorded.evidence':
    'The hash of a document that the city keeps. Of a late record two persons confirm that it was in time.',
  'OptOutRecorded.note': 'A commitment to a text; `fsck` compares the text.',
  'PasskeyEnrolled.cose':
    'The same key in another encoding, for the gate’s library; of another passkey it is signed by an earlier one. Signatures are judged under `publicKey`.',
  'PolicyAdopted.bodies': 'The order of a body’s seats, in which pages list them. Which seats there are is judged.',
  'PolicyAdopted.policy': 'The first policy is the operator’s. Every later one is judged by the approved change that names it.',
  'PolicyAdopted.sha256': 'As above.',
  'PolicyProposed.sha256': 'The operator proposes what they like; it binds nothing until it is approved.',
  'ProposalAnswered.decision':
    'Where the policy asks for a passkey, a confirmation is signed. A refusal is not, and stops nothing.',
  'RosterAdopted.contacts':
    'Commitments to addresses. In the first roster they are the operator’s; later a second person confirms.',
  'RosterAdopted.roster': 'The first roster is the operator’s. Every later one is judged by its confirmation.',
  'RosterAdopted.sha256': 'As above.',
  'ProposalMade.sha256': 'The operator proposes what they like; it binds nothing until it is confirmed.',
  'TextDisclosed.authority': 'As below.',
  'TextDisclosed.fileNumber': 'As below.',
  'TextWithheld.authority': 'What the order rests on. The commitment stays, so that the text cannot be replaced.',
  'TextWithheld.everywhere': 'The operator says how far the order goes, in public. It hides nothing from those who decide.',
  'TextWithheld.fileNumber': 'As above.',
  'TextWithheld.revision': 'The revision that has it, or all of the change: the operator says which, in public.',
  'TimeZoneSet.tzdata': 'Which rules of time zones the gate used. By others a day to come may end at another hour.',
  'TimeZoneSet.zone': 'The operator sets it, in public. It moves the ends of days.',
  'VendorAdded.name': 'The operator’s word for the vendor.',
  'commit.actor': 'Where the clock or the operator records what time has done, and where nothing follows (receipts).',
  'commit.at':
    'Bounded by the commits before it and those it names; one that enters the log late is listed by `verify`, and must suit what the log has by then where a date could evade it.',
  'commit.commandId': 'Judged where a vendor’s message names it. Elsewhere it only keeps a command from counting twice.',
  'commit.id': 'A name. Nothing refers to it.',
};

/** The secrets of an installation, given by its wiring: 32 random bytes each, never in an event, never in a log. */
export interface Keys {
  /** Derives the links of officials: every link can be derived again, so only hashes of them are stored. */
  readonly linkKey: Uint8Array;
  /** Derives the salts of officials' texts. */
  readonly textKey: Uint8Array;
  /** Derives the salts of the commitments to mail addresses. */
  readonly rosterSalt: Uint8Array;
}

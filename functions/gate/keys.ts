/** What an installation keeps to itself, given by its wiring: 32 random bytes each, never in an event, never in a log. */
export interface Keys {
  /** Makes the links of officials: with it every link can be made again, so nothing but hashes of them is kept. */
  readonly linkKey: Uint8Array;
  /** Salts the texts of officials. */
  readonly textKey: Uint8Array;
  /** Salts the commitments to mail addresses. */
  readonly rosterSalt: Uint8Array;
}

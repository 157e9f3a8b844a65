/** Every failure of reading or checking a part of the log. The first word names the format being read. */
export type LogErrorCode =
  | 'size-too-large'
  | 'frontier-malformed'
  | 'tile-path-malformed'
  | 'tile-length-wrong'
  | 'tile-missing'
  | 'log-shrinks'
  | 'bundle-width-wrong'
  | 'bundle-truncated'
  | 'bundle-has-trailing-bytes'
  | 'entry-too-large'
  | 'key-malformed'
  | 'key-name-malformed'
  | 'key-id-wrong'
  | 'key-type-unknown'
  | 'key-ambiguous'
  | 'note-too-large'
  | 'note-not-utf8'
  | 'note-has-control-characters'
  | 'note-text-malformed'
  | 'note-without-signatures'
  | 'note-signature-malformed'
  | 'note-with-too-many-signatures'
  | 'signature-invalid'
  | 'signature-missing'
  | 'checkpoint-lines-missing'
  | 'checkpoint-origin-malformed'
  | 'checkpoint-size-malformed'
  | 'checkpoint-root-malformed'
  | 'checkpoint-extension-malformed'
  | 'origin-unknown'
  | 'index-out-of-range'
  | 'proof-length-wrong'
  | 'inclusion-not-proved'
  | 'consistency-not-proved'
  | 'log-rolled-back'
  | 'log-forked'
  | 'empty-root-wrong'
  | 'tlog-proof-header-wrong'
  | 'tlog-proof-extra-malformed'
  | 'tlog-proof-index-malformed'
  | 'tlog-proof-hash-malformed'
  | 'tlog-proof-has-too-many-hashes'
  | 'tlog-proof-without-checkpoint'
  | 'cosignature-length-wrong'
  | 'cosignature-time-wrong'
  | 'witness-old-size-malformed'
  | 'witness-hash-malformed'
  | 'witness-has-too-many-hashes'
  | 'witness-without-checkpoint'
  | 'witness-old-size-too-large'
  | 'witness-response-malformed';

/** Thrown for invalid bytes. `message` is for people, `code` for programs. */
export class LogError extends Error {
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, detail: string) {
    super(detail);
    this.name = 'LogError';
    this.code = code;
  }
}

/** An expression, so that it fits into `??` and `?:`. */
export const fail: (code: LogErrorCode, detail: string) => never = (code, detail) => {
  throw new LogError(code, detail);
};

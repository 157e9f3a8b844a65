/** Every failure of reading or checking a part of the log. The first word names the format being read. */
export type LogErrorCode =
  | 'size-too-large'
  | 'frontier-malformed'
  | 'tile-path-malformed'
  | 'tile-length-wrong'
  | 'tile-missing'
  | 'log-shrinks'
  | 'bundle-malformed'
  | 'entry-too-large'
  | 'key-malformed'
  | 'key-ambiguous'
  | 'note-malformed'
  | 'signature-invalid'
  | 'signature-missing'
  | 'checkpoint-malformed'
  | 'origin-unknown'
  | 'index-out-of-range'
  | 'proof-length-wrong'
  | 'inclusion-not-proved'
  | 'consistency-not-proved'
  | 'log-rolled-back'
  | 'log-forked'
  | 'empty-root-wrong'
  | 'tlog-proof-malformed'
  | 'cosignature-malformed'
  | 'witness-malformed';

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

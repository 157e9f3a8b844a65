/**
 * Thrown for a file that cannot be read as what it should be. `line` is where reading failed; the message contains nothing of the file.
 */
export class FileFault extends Error {
  override readonly name = 'FileFault';
  readonly line: number;
  constructor(line: number, detail: string) {
    super(`line ${line}: ${detail}`);
    this.line = line;
  }
}

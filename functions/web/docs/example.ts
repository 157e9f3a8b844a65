/** A program to copy. `name`: the language and its library, which is not translated. */
export interface Example {
  readonly id: string;
  readonly name: string;
  readonly lang: 'bash' | 'js' | 'python';
  /** The command that installs what it needs. */
  readonly install?: string;
  readonly code: string;
}

/** A program to copy. `name` is the language and its library, the same in every tongue. */
export interface Example {
  readonly id: string;
  readonly name: string;
  readonly lang: 'bash' | 'js' | 'python';
  /** What has to be installed first, if anything. */
  readonly install?: string;
  readonly code: string;
}

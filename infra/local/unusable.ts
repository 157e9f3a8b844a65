/** The data folder cannot be served as it is; the message names the file and what to do. */
export class UnusableFolder extends Error {
  override readonly name = 'UnusableFolder';
}

/** A command that cannot be carried out, with the reason as its message. Exit code 1. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

/** The data folder cannot be served as it is; the message names the file and what to do. */
export class UnusableFolder extends Error {
  override readonly name = 'UnusableFolder';
}

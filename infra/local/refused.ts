/** A command that cannot be carried out, with the reason as its message. Exit code 1. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

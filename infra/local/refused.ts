/** The operation cannot be done; the message says why. The command line exits with code 1. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

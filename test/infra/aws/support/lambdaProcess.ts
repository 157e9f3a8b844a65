import process from 'node:process';
import { pathToFileURL } from 'node:url';

interface Invocation {
  readonly id: number;
  readonly event: unknown;
}

/** A day on which the clock of this process is ahead of the machine's. */
const AHEAD_MS = Number(process.env.CLOCK_AHEAD_MS ?? 0);
if (AHEAD_MS > 0) {
  const Today = Date;
  class Later extends Today {
    constructor(...given: readonly [] | readonly [number | string | Date]) {
      super(given.length === 0 ? Later.now() : given[0]);
    }
    static override now(): number {
      return Today.now() + AHEAD_MS;
    }
  }
  globalThis.Date = Later as DateConstructor;
}

const { handler } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as {
  readonly handler: (event: unknown, context: { readonly awsRequestId: string }) => Promise<unknown>;
};

process.on('message', ({ id, event }: Invocation) => {
  handler(event, { awsRequestId: `request-${id}` }).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }),
  );
});
process.send?.({ id: 0, result: 'ready' });

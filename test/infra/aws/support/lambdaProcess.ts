import process from 'node:process';
import { pathToFileURL } from 'node:url';

/** What a Lambda environment does, in a process of its own: loads the bundle once, then one event after the other. */
interface Invocation {
  readonly id: number;
  readonly event: unknown;
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

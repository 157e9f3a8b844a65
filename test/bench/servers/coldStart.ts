import { pathToFileURL } from 'node:url';
import { say } from '../processes.ts';

// A Lambda environment that starts: reads the bundle and runs all that stands outside of its handler, once.
// Since the process began: the runtime’s own start is part of it, as it is on Lambda.
const { handler } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as { readonly handler?: unknown };
if (typeof handler !== 'function') throw new Error('a bundle without a handler');
say({ ms: performance.now() });

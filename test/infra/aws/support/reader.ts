import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { vi } from 'vitest';
import { listening } from '../../../support/listening.ts';
import { ROOT, textOf } from '../../../support/projectFiles.ts';
import type { Pattern } from './eventPattern.ts';
import type { GateOnAws } from './gateOnAws.ts';

const documented = (part: string) =>
  new RegExp(`^<!-- run: ${part} -->\n\`\`\`\\w+\n(?<code>[\\s\\S]*?)^\`\`\`$`, 'm').exec(textOf('docs/deploy.md'))?.groups
    ?.code ?? '';

/** The pattern of the rule that docs/deploy.md gives to another account. */
export const readersPattern = (): Pattern => JSON.parse(documented('answers')) as Pattern;

/** The gate at an address, for a client that asks by HTTP. */
const served = async (gate: GateOnAws) => {
  const server = await listening();
  server.serve(async (request) => {
    const { pathname, search } = new URL(request.url);
    const text = await request.text();
    const reply = await gate.request(request.method, `${pathname}${search}`, text, Object.fromEntries(request.headers));
    return new Response(reply.body, {
      status: reply.statusCode,
      headers: { 'content-type': reply.headers['content-type'] ?? '' },
    });
  });
  return server;
};

/** Starts the program that docs/deploy.md gives to another account. `off`: the keys that it switched off, in order. */
export const startReader = async (gate: GateOnAws, token: string) => {
  const { url, close } = await served(gate);
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-reader-'));
  const client = pathToFileURL(join(ROOT, 'infra/client/gate.ts')).href;
  writeFileSync(
    join(folder, 'vendor.ts'),
    'export const off: string[] = [];\nexport const switchOff = async (key: string) => void off.push(key);\n',
  );
  writeFileSync(join(folder, 'program.ts'), documented('program').replace('aldergate/client', client));
  vi.stubEnv('GATE_URL', url);
  vi.stubEnv('GATE_TOKEN', token);
  const load = <T>(name: string): Promise<T> => import(/* @vite-ignore */ pathToFileURL(join(folder, name)).href) as Promise<T>;
  const { handler } = await load<{ readonly handler: (event: unknown) => Promise<void> }>('program.ts');
  const { off } = await load<{ readonly off: readonly string[] }>('vendor.ts');
  return {
    handler,
    off,
    stop: async () => {
      await close();
      rmSync(folder, { recursive: true });
    },
  };
};

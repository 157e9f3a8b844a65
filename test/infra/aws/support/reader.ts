import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { vi } from 'vitest';
import { listened } from '../../../support/listened.ts';
import { ROOT, textOf } from '../../../support/projectFiles.ts';
import type { Pattern } from './eventPattern.ts';
import type { GateOnAws } from './gateOnAws.ts';

const documented = (part: string): string =>
  new RegExp(`^<!-- run: ${part} -->\n\`\`\`\\w+\n(?<code>[\\s\\S]*?)^\`\`\`$`, 'm').exec(textOf('docs/deploy.md'))?.groups
    ?.code ?? '';

/** The pattern of the rule that docs/deploy.md gives to another account. */
export const readersPattern = (): Pattern => JSON.parse(documented('answers')) as Pattern;

/** The gate at an address, for a client that asks by HTTP. */
const served = async (gate: GateOnAws) => {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const body = Buffer.concat(await request.toArray()).toString();
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const reply = await gate.request(request.method ?? '', request.url ?? '', body, headers);
      response.writeHead(reply.statusCode, { 'content-type': reply.headers['content-type'] ?? '' }).end(reply.body);
    };
    answer().catch((error: unknown) => response.destroy(error as Error));
  });
  return listened(server);
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
    stop: async (): Promise<void> => {
      await close();
      rmSync(folder, { recursive: true });
    },
  };
};

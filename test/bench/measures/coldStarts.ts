import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { bundle, bundleFile } from '../../../infra/aws/bundle.ts';
import { makeFolder } from '../folder.ts';
import { start } from '../processes.ts';
import { compare, once as figureOnce } from '../rounds.ts';
import type { Result } from './result.ts';

const ROUNDS = 7;
/** The functions that start with their tables and secrets alone; the others also ask S3, KMS and SES. */
const FUNCTIONS = ['api', 'site', 'projector', 'clock'] as const;
/** People wait for the answers of two of them, which have the routes and the schemas of everything that can be asked. */
const aimOf = (name: (typeof FUNCTIONS)[number]): number => (name === 'api' || name === 'site' ? 0.55 : 0.65);
const PEER = 'a handler that only imports the DynamoDB client';

/** Makes a key with a certificate for this machine, and returns their files. */
const makeCertificate = (folder: string) => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-out', cert], { stdio: 'ignore' });
  return { key, cert };
};

/**
 * Secrets Manager, which some ask at their start: it answers at once, so that only the reading of the bundle is measured, and over https, as
 * on AWS, so that a start loads what it loads there.
 */
const openSecrets = async ({ key, cert }: ReturnType<typeof makeCertificate>) => {
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ SecretString: Buffer.alloc(32, 1).toString('base64') }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

const environment = (port: number, cert: string): Readonly<Record<string, string>> => ({
  AWS_REGION: 'us-west-2',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL: `https://127.0.0.1:${port}`,
  NODE_EXTRA_CA_CERTS: cert,
  ALDERGATE_COMMITS_TABLE: 'commits',
  ALDERGATE_SIDE_TABLE: 'side',
  ALDERGATE_REGISTER_TABLE: 'register',
  ALDERGATE_URL: 'https://gate.example',
  ALDERGATE_TIME_ZONE: 'America/Denver',
  ...Object.fromEntries(['ORIGIN', 'LINK', 'TEXT', 'ROSTER', 'COMMIT'].map((name) => [`ALDERGATE_${name}_SECRET`, name])),
});

const startsOf = (folder: string) => async (): Promise<number> => {
  const { ready, stop } = await start<{ readonly ms: number }, never, never>('servers/coldStart.ts', join(folder, 'index.mjs'));
  await stop();
  return 1_000 / ready.ms;
};

const sizes = (name: string, ours: number, peer: number): Result => ({
  name: `bundle of ${name}`,
  peerName: PEER,
  unit: 'kB',
  aim: null,
  ours: figureOnce(ours / 1_000),
  peer: figureOnce(peer / 1_000),
  ratio: figureOnce(ours / peer),
});

/** Measure 4: how large each function's bundle is, as it is deployed, and how quickly it starts. */
export const coldStarts = async (): Promise<readonly Result[]> => {
  const path = makeFolder();
  const certificate = makeCertificate(path);
  const secrets = await openSecrets(certificate);
  Object.assign(process.env, environment((secrets.address() as AddressInfo).port, certificate.cert));
  try {
    const results: Result[] = [];
    const minimal = join(path, 'minimal');
    const least = bundleFile(join(import.meta.dirname, '../servers/minimalHandler.ts'), minimal);
    for (const name of FUNCTIONS) {
      const folder = join(path, name);
      results.push(sizes(name, bundle(name, folder), least));
      const compared = await compare(ROUNDS, startsOf(folder), startsOf(minimal));
      results.push({ name: `cold starts of ${name}`, peerName: PEER, unit: 'starts/s', aim: aimOf(name), ...compared });
    }
    return results;
  } finally {
    secrets.closeAllConnections();
    secrets.close();
  }
};

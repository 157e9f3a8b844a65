import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import type { Cloud } from './cloud.ts';
import type { Deployment } from './deployment.ts';
import type { Environment, StartEnvironment } from './environment.ts';

/** The credentials and the region that Lambda gives; all of AWS is the one endpoint. */
export const awsEnvironment = (endpoint: string): Readonly<Record<string, string>> => ({
  AWS_REGION: 'us-west-2',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL: endpoint,
});

export interface Lambdas {
  readonly invoke: <T>(name: FunctionName, event: unknown) => Promise<T>;
  readonly log: string[];
  readonly stop: () => Promise<void>;
}

/**
 * Runs every function in an environment of its own from its first event on, with its deployed bundle and variables, against a
 * cloud that knows the caller.
 */
export const lambdas = ({ functions }: Deployment, cloud: Cloud, startEnvironment: StartEnvironment): Lambdas => {
  const log: string[] = [];
  const environments = new Map<FunctionName, Promise<Environment>>();
  const tails = new Map<FunctionName, Promise<unknown>>();
  const environmentOf = (name: FunctionName): Promise<Environment> => {
    const known = environments.get(name);
    if (known !== undefined) return known;
    const { bundle, variables: deployed } = functions[name];
    const variables = { ...deployed, ...awsEnvironment(cloud.endpointOf(name)) };
    const started = startEnvironment({ name, bundle, variables, log: (text) => log.push(`${name}: ${text}`) });
    environments.set(name, started);
    // An environment that could not start is started again for the next event.
    started.catch(() => environments.delete(name));
    return started;
  };
  return {
    log,
    invoke: async <T>(name: FunctionName, event: unknown) => {
      const { run } = await environmentOf(name);
      const running = (tails.get(name) ?? Promise.resolve()).then(() => run(event));
      tails.set(
        name,
        running.catch(() => undefined),
      );
      return (await running) as T;
    },
    stop: async () => {
      await Promise.all([...environments.values()].map(async (started) => (await started).stop()));
    },
  };
};

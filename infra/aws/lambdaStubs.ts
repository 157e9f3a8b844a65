/**
 * Replaces `@aws-sdk/credential-provider-node` in the bundles. Lambda puts the credentials of a function's role into the environment,
 * where that package looks first.
 */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (!accessKeyId || !secretAccessKey) throw new Error('Lambda gave no credentials');
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
};

/**
 * Replaces `@aws-sdk/middleware-endpoint-discovery` in the bundles. It gives the DynamoDB client a cache of endpoints that none of
 * its commands reads: tables have one endpoint per region.
 */
export const resolveEndpointDiscoveryConfig = <C>(config: C): C => config;

export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};

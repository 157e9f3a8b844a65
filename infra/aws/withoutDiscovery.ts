/**
 * Replaces `@aws-sdk/middleware-endpoint-discovery` in the bundles. The client of DynamoDB takes from it a cache of endpoints, which none of
 * its commands reads: tables have one endpoint a region.
 */
export const resolveEndpointDiscoveryConfig = <C>(config: C): C => config;

export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};

/** Longest wait for the beginning of an answer of a service other than DynamoDB, in ms. Each answers within some hundred. */
const ANSWER_MS_MAX = 3_000;

/**
 * What the clients of AWS have in common, but for DynamoDB's (see store/dynamo/retrying.ts): without it the SDK waits for an answer
 * that got lost until Lambda ends the function, and what was in hand comes again as poison.
 */
export const BOUNDED = {
  requestHandler: { connectionTimeout: 1_000, requestTimeout: ANSWER_MS_MAX, throwOnRequestTimeout: true },
} as const;

/** The longest wait for the start of an answer of a service other than DynamoDB, in ms. They usually answer within a few hundred. */
const ANSWER_MS_MAX = 3_000;

/**
 * The options of every AWS client except DynamoDB's (see platform/store/dynamo/retrying.ts). Without a limit the SDK waits for a lost
 * answer until Lambda stops the function, and the same event fails again and again.
 */
export const BOUNDED = {
  requestHandler: { connectionTimeout: 1_000, requestTimeout: ANSWER_MS_MAX, throwOnRequestTimeout: true },
} as const;

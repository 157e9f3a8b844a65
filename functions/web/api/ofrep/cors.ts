/**
 * Pages of other origins may ask, as the OpenFeature web provider does: an answer needs a token, which no browser sends by itself.
 */
export const FLAG_CORS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'etag, aldergate-checkpoint',
  'cross-origin-resource-policy': 'cross-origin',
};

/** The answer to a browser's preflight request. */
export const FLAG_PREFLIGHT: Readonly<Record<string, string>> = {
  ...FLAG_CORS,
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'authorization, content-type, if-none-match, x-api-key',
  'access-control-max-age': '600',
};

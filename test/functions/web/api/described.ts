import { API_OPERATIONS } from '../../../../functions/web/routes/api.ts';
import type { ApiOperation } from '../../../../functions/web/routes/route.ts';

const PATTERNS = Object.entries(API_OPERATIONS).map(([path, operations]) => ({
  pattern: new RegExp(`^${path.replace(/\{\w+\+\}/, '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  operations: operations as Partial<Record<string, ApiOperation>>,
}));

/** Throws if the body of a success is not what the route table describes for that request. */
export const assertDescribed = (method: string, path: string, body: unknown): void => {
  const { pathname } = new URL(path, 'https://gate.example');
  PATTERNS.find(({ pattern }) => pattern.test(pathname))?.operations[method]?.answer.parse(body);
};

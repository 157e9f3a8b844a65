const LOOPBACK_NAME = /^(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
/** Headers that proxies add. */
const PASSED_ON = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'] as const;

/**
 * Reports whether a request to a loopback address comes from this machine. A request through a local proxy may come from anywhere, and a
 * page whose name resolves to this machine (DNS rebinding) asks under that name.
 */
export const isDirect = (headers: Headers): boolean =>
  LOOPBACK_NAME.test(headers.get('host') ?? '') && PASSED_ON.every((name) => !headers.has(name));

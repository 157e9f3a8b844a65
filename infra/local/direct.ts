const LOOPBACK_NAME = /^(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
/** What proxies add to a request they pass on. */
const PASSED_ON = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'] as const;

/**
 * Whether a request to a loopback address can be from somebody at this machine: behind a proxy on the same machine it may be from
 * anywhere, and a page of another name that resolves to this machine (DNS rebinding) would ask under that name.
 */
export const isDirect = (headers: Headers): boolean =>
  LOOPBACK_NAME.test(headers.get('host') ?? '') && PASSED_ON.every((name) => !headers.has(name));

import * as z from 'zod';

/** The name shown if the installation has none. */
export const UNNAMED_CITY = 'City';

const oneLine = (charsMax: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(charsMax)
    .refine((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text), 'must be one line without control characters');

/** Parses the setting for the city's name: one line of at most 100 characters. */
export const CityName = oneLine(100);

/** Parses the setting for the city's contact (a phone number or an address): one line of at most 200 characters. */
export const CityContact = oneLine(200);

/**
 * Parses the setting for the gate's address: scheme, host and port, as browsers send them in `Origin`, so without a default port and with
 * the host in lower case. A path is refused: pages and links lie at the root.
 */
export const GateUrl = z.url({ protocol: /^https?$/ }).transform((text, context) => {
  const { origin, pathname, search, hash, username, password } = new URL(text);
  if (/^\/*$/.test(pathname) && `${search}${hash}${username}${password}` === '') return origin;
  context.addIssue(
    'must be scheme, host and port alone, such as https://gate.city.example: the gate needs a host name of its own',
  );
  return z.NEVER;
});

/** The city as named on its pages and in its mails. */
export interface CityIdentity {
  readonly name: string;
  /** `undefined` if the city names no contact. */
  readonly contact: string | undefined;
}

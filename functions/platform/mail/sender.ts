/** A display name as a quoted string (RFC 5322, section 3.2.4). */
const quoted = (name: string): string => `"${name.replaceAll(/["\\]/g, (special) => `\\${special}`)}"`;

/** Returns the sender `from` with the city's name before a bare address; a sender that has a name keeps it. */
export const senderOf = (from: string, city: string): string => (from.includes('<') ? from : `${quoted(city)} <${from}>`);

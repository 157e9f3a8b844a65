/** Returns a display name as a quoted string (RFC 5322, section 3.2.4). */
const quoted = (name: string): string => `"${name.replaceAll(/["\\]/g, (special) => `\\${special}`)}"`;

/** Returns the sender `from`, with the city's name before a bare address; a sender with a name stays as it is. */
export const senderOf = (from: string, city: string): string => (from.includes('<') ? from : `${quoted(city)} <${from}>`);

import type { Commit } from '../kernel/commit.ts';
import { type City, inForceAt, type VendorKeyCase } from './city.ts';
import { must } from './verdict.ts';

/**
 * Maximum age of a signed message when its commit is written: five minutes on arrival, and some for retries and clocks. A removal, which
 * switches off, may be older: where the clock had run ahead, a commit is no earlier than those before it.
 */
const MESSAGE_AGE_MS_MAX = 15 * 60_000;

interface SignedBy {
  readonly key: string | null;
  readonly scheme: 'v1a' | 'v1' | null;
  readonly message: { readonly id: string; readonly timestamp: string; readonly signature: string | null } | null;
}

const isValid = ({ from, until }: VendorKeyCase, at: string): boolean => from <= at && (until === null || at < until);

/** A gate checks the signature, and then retries the command for some seconds. */
const RETRIED_MS = 60_000;
const lagging = (at: string): string => new Date(Date.parse(at) - RETRIED_MS).toISOString();

/** What a vendor signs; each has its own name in the commit's command. */
type SignedAct = 'notice' | 'removal' | 'withdraw' | 'attestation';

/** Judges that a vendor signed what a commit holds. The raw bytes are checked where they are at hand. */
export const mustHaveSigned = (
  { vendors, policies }: City,
  vendor: string,
  { key: id, scheme, message }: SignedBy,
  commit: Commit,
  act: SignedAct,
): void => {
  must(commit.actor === `vendor:${vendor}`, 'actor', `${commit.actor} is not vendor:${vendor}`);
  const keys = vendors.get(vendor);
  must(keys !== undefined, 'unknown-vendor', `there is no vendor ${vendor}`);
  must(message !== null && scheme !== null, 'provenance', 'a signed message has an id, a time and a scheme');
  const command = act === 'removal' ? 'notice' : act;
  must(commit.commandId === `${command}/${vendor}/${message.id}`, 'provenance', 'the command is of another message');
  must((scheme === 'v1a') === (message.signature !== null), 'provenance', 'a v1a signature is kept, a v1 one is not');
  const age = Date.parse(commit.at) - Number(message.timestamp) * 1000;
  const oldest = act === 'removal' ? Number.POSITIVE_INFINITY : MESSAGE_AGE_MS_MAX;
  must(-MESSAGE_AGE_MS_MAX <= age && age <= oldest, 'provenance', 'the message was signed at another time');
  const known = keys.find((each) => each.key.id === id && each.key.scheme === scheme);
  const counted = known !== undefined && (isValid(known, commit.at) || isValid(known, lagging(commit.at)));
  must(counted, 'vendor-key', `${vendor} had no key ${id} of scheme ${scheme}`);
  const accepted = inForceAt(policies, commit.at);
  const allowed = accepted.length === 0 || accepted.some(({ policy }) => policy.webhooks?.includes(scheme) ?? true);
  must(allowed, 'vendor-key', `the policy does not accept ${scheme}`);
};

import type { ProblemCode } from '../../../http/problems.ts';
import type { SiteDeps } from '../../deps.ts';
import type { Person } from '../../links/person.ts';
import { type Ordered, orderDecision } from '../decide/order.ts';
import { passkeysFor } from '../decide/passkey.ts';
import type { ConsentCertificate } from './consentRead.ts';
import { situationOn } from './read.ts';

/** What became of one change of a consent agenda. */
export interface Certified {
  readonly change: string;
  readonly result: Ordered;
}

const refusal = (code: ProblemCode, detail: string): Ordered => ({ ok: false, rejection: { code, detail } });

/**
 * Certifies one vote for several changes: to each feature its own command and its own conditional append, one after the other. What is
 * refused keeps no other from being recorded; the same form again completes the rest, since what was recorded is recognised.
 */
export const certifyEach = async (
  deps: SiteDeps,
  person: Person,
  body: string,
  certificates: readonly ConsentCertificate[],
): Promise<readonly Certified[]> => {
  const done: Certified[] = [];
  for (const { change, read } of certificates) {
    const situation = await situationOn(deps, person, body, change);
    if (situation === undefined) {
      done.push({ change, result: refusal('unknown-requirement', 'this body votes on no such change') });
      continue;
    }
    const { enrolled } = await passkeysFor(deps, situation);
    done.push({ change, result: await orderDecision(deps, situation, read, { enrolled }) });
  }
  return done;
};

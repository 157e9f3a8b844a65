import { expect, test } from 'vitest';
import type { RevocationRecorded } from '../../../domain/revocation/events.ts';
import type { ProposalAnswered } from '../../../domain/roster/events.ts';
import { namedBy, namingEvents } from '../../../functions/gate/redactions.ts';
import { day } from '../../domain/feature/support.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

const refusal: ProposalAnswered = {
  type: 'ProposalAnswered',
  v: 1,
  at: day(0),
  sha256: digest('a'),
  holder: 'mayor',
  body: 'mayor',
  seat: 'mayor',
  roster: 1,
  decision: 'refuse',
  reason: digest('b'),
};
const revocation: RevocationRecorded = {
  type: 'RevocationRecorded',
  v: 1,
  at: day(0),
  key: 'acme',
  change: 3,
  requirement: 'mayor',
  holder: 'mayor',
  body: 'mayor',
  seat: 'mayor',
  fileNumber: null,
  reason: digest('c'),
};

test('a refusal of a roster names its reason, which belongs to no change', () => {
  expect(namedBy('roster', refusal)).toEqual([
    { what: 'text', key: null, change: null, revision: null, commitment: digest('b') },
  ]);
  expect(namedBy('roster', { ...refusal, reason: null })).toEqual([]);
});

test('a recorded revocation names its reason with the change that it ends', () => {
  expect(namedBy('revocation', revocation)).toEqual([
    { what: 'text', key: 'acme', change: 3, revision: null, commitment: digest('c') },
  ]);
  expect(namedBy('revocation', { ...revocation, reason: null })).toEqual([]);
});

test('a feature names raw notices, documents and texts', () => {
  const withdrawn = {
    type: 'ChangeWithdrawn',
    v: 1,
    at: day(0),
    change: 2,
    digest: digest('d'),
    provenance: {
      channel: 'webhook',
      by: 'vendor:acme',
      person: null,
      key: null,
      scheme: null,
      message: null,
      heardAt: null,
      evidence: null,
    },
  };
  const attached = {
    type: 'DocumentAttached',
    v: 1,
    at: day(0),
    change: 2,
    revision: 1,
    digest: digest('d'),
    kind: 'impact-report',
    title: 'Report',
    sha256: digest('e'),
    mediaType: 'application/pdf',
    bytes: 5,
    by: 'vendor:acme',
  };
  const contested = {
    type: 'MaintenanceContested',
    v: 1,
    at: day(0),
    change: 2,
    revision: 1,
    digest: digest('d'),
    by: { token: 'it' },
    reason: digest('f'),
    act: 'act',
  };
  const named = [withdrawn, attached, contested].flatMap((event) =>
    namingEvents('feature/acme', [event]).flatMap((each) => namedBy('feature/acme', each)),
  );
  expect(named).toEqual([
    { what: 'notice', key: 'acme', change: 2, revision: null, commitment: digest('d') },
    { what: 'document', key: 'acme', change: 2, revision: 1, commitment: digest('e') },
    { what: 'text', key: 'acme', change: 2, revision: null, commitment: digest('f') },
  ]);
  expect(namingEvents('feature/acme', [{ type: 'Unknown' }])).toEqual([]);
});

test('no other stream names anything', () => {
  expect(namingEvents('policy', [refusal])).toEqual([]);
  expect(namingEvents('roster', [revocation])).toEqual([]);
});

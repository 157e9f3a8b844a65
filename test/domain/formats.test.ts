import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type * as z from 'zod';
import { ACCESS_STATE_VERSION, AccessState } from '../../domain/access/decide.ts';
import { AccessEvent, ApiToken, FormLink } from '../../domain/access/events.ts';
import { AnnouncedCounts } from '../../domain/derived/changes.ts';
import { DerivedEvent } from '../../domain/derived/events.ts';
import { ChangeRecord, DriftCase, KeyRecord, Report, Task } from '../../domain/derived/record.ts';
import { DocumentPartKept } from '../../domain/documents/events.ts';
import { FeatureEvent, Opening, Pinned, Provenance } from '../../domain/feature/events.ts';
import { Notice, NoticeFacts } from '../../domain/feature/notice.ts';
import { FeatureState, STATE_VERSION } from '../../domain/feature/state.ts';
import { Terms } from '../../domain/feature/terms.ts';
import { ChangeView, VIEW_VERSION } from '../../domain/feature/view.ts';
import { JUDGE_STATE_VERSION } from '../../domain/judge/case.ts';
import { startJudging } from '../../domain/judge/judge.ts';
import { Assertion } from '../../domain/kernel/assertion.ts';
import {
  Digest,
  DurationText,
  FeatureKey,
  Id,
  Instant,
  LocalDate,
  SafeUrl,
  Sha256Hex,
  SignedMessage,
} from '../../domain/kernel/zodTypes.ts';
import { FrontierJson, LOG_STATE_VERSION, LOGBOOK_STATE_VERSION, LogbookState, LogState } from '../../domain/log/decide.ts';
import { CheckpointSigned, LogKeyAnnounced } from '../../domain/log/events.ts';
import { LateEntry, LogTimes } from '../../domain/log/late.ts';
import { AuditMap } from '../../domain/observation/audit.ts';
import { OBSERVATION_STATE_VERSION, ObservationReport, ObservationState } from '../../domain/observation/decide.ts';
import { Evidence, ObservationEvent, Observed } from '../../domain/observation/events.ts';
import { Profile } from '../../domain/observation/observedFile.ts';
import { POLICY_STATE_VERSION, PolicyState } from '../../domain/policy/decide.ts';
import { PolicyEvent } from '../../domain/policy/events.ts';
import { PinnedRequirement, Policy, Requirement, Rule } from '../../domain/policy/schema.ts';
import { NoticeReceived } from '../../domain/receipt/events.ts';
import { REDACTION_STATE_VERSION, RedactionState } from '../../domain/redaction/decide.ts';
import { RedactionEvent } from '../../domain/redaction/events.ts';
import { RevocationRecorded } from '../../domain/revocation/events.ts';
import { NewSeats, RuledBodies } from '../../domain/roster/bodies.ts';
import { RosterEvent } from '../../domain/roster/events.ts';
import { HolderId, Roster, RosterFile } from '../../domain/roster/schema.ts';
import { PersonLinks, ROSTER_STATE_VERSION, RosterState } from '../../domain/roster/state.ts';
import { SETTINGS_STATE_VERSION, SettingsState } from '../../domain/settings/decide.ts';
import { TimeZoneSet } from '../../domain/settings/events.ts';
import { VENDOR_STATE_VERSION, VendorState } from '../../domain/vendors/decide.ts';
import { VendorEvent, VendorKey } from '../../domain/vendors/events.ts';
import { formatsOf } from '../support/formats.ts';
import { STORIES } from './judge/stories.ts';

const TYPES = { Digest, DurationText, FeatureKey, HolderId, Id, Instant, LocalDate, SafeUrl, Sha256Hex };
const PARTS = {
  ApiToken,
  FormLink,
  Opening,
  Pinned,
  Provenance,
  NoticeFacts,
  Terms,
  Assertion,
  SignedMessage,
  Evidence,
  Observed,
};
const RULES = { Policy, Requirement, PinnedRequirement, Rule, RuledBodies, NewSeats, Roster, VendorKey };
const RECORDS = { ChangeRecord, DriftCase, Report, Task, LateEntry };
const INPUT = { Notice, AuditMap, Profile, ObservationReport, RosterFile };
const KEPT = { KeyRecord, AnnouncedCounts, ChangeView, LogTimes, FrontierJson, PersonLinks };
const STATES = {
  AccessState,
  FeatureState,
  LogState,
  LogbookState,
  ObservationState,
  PolicyState,
  RedactionState,
  RosterState,
  SettingsState,
  VendorState,
};
const EVENTS = [
  ...[AccessEvent, DerivedEvent, FeatureEvent, ObservationEvent, PolicyEvent, RedactionEvent, RosterEvent, VendorEvent].flatMap(
    ({ options }): readonly z.ZodObject[] => [...options],
  ),
  DocumentPartKept,
  CheckpointSigned,
  LogKeyAnnounced,
  NoticeReceived,
  RevocationRecorded,
  TimeZoneSet,
];

/** Stored beside its version: a state of another shape would be read as if it had this one. */
const VERSIONS: Readonly<Record<string, number>> = {
  AccessState: ACCESS_STATE_VERSION,
  FeatureState: STATE_VERSION,
  LogState: LOG_STATE_VERSION,
  LogbookState: LOGBOOK_STATE_VERSION,
  ObservationState: OBSERVATION_STATE_VERSION,
  PolicyState: POLICY_STATE_VERSION,
  RedactionState: REDACTION_STATE_VERSION,
  RosterState: ROSTER_STATE_VERSION,
  SettingsState: SETTINGS_STATE_VERSION,
  VendorState: VENDOR_STATE_VERSION,
  ChangeView: VIEW_VERSION,
  JudgeState: JUDGE_STATE_VERSION,
};

/** What the judge remembers of a feature, a change and a requirement, by name: its state has no schema. */
const judgeState = () => {
  const names = new Set<string>();
  const note = (of: string, value: object) => {
    for (const name of Object.keys(value)) names.add(`${of}.${name}`);
  };
  for (const story of Object.values(STORIES)) {
    const judge = startJudging();
    for (const bytes of story().bytes) {
      judge.next(bytes);
      const { city } = judge.state;
      note('city', city);
      for (const feature of city.features.values()) {
        note('feature', feature);
        for (const change of feature.changes.values()) {
          note('change', change);
          for (const requirement of change.requirements.values()) note('requirement', requirement);
        }
      }
    }
  }
  return `JudgeState ${hash('sha256', [...names].sort().join()).slice(0, 32)}`;
};

const withVersion = (line: string) => {
  const version = VERSIONS[line.split(' ', 1)[0] ?? ''];
  return version === undefined ? line : `${line} in version ${version}`;
};

/** Returns what was stored under the same version in another shape: its version has to be raised. */
const notRaised = (before: string, now: string): readonly string[] => {
  const known = new Map(before.split('\n').map((line) => [line.split(' ', 1)[0], line.split(' ')] as const));
  return now.split('\n').flatMap((line) => {
    const [name, digest, ...version] = line.split(' ');
    const [, other, ...under] = known.get(name) ?? [];
    return version.length > 0 && other !== undefined && other !== digest && version.join() === under.join() ? [line] : [];
  });
};

test('every format of the domain that is stored, published or read is as it was (vitest -u writes formats.txt)', async () => {
  const events = Object.fromEntries(EVENTS.map((schema) => [String((schema.shape['type'] as z.ZodLiteral).value), schema]));
  const all = { ...TYPES, ...PARTS, ...RULES, ...RECORDS, ...INPUT, ...KEPT, ...STATES, ...events };
  const found = [...formatsOf(all).trimEnd().split('\n'), judgeState()].map(withVersion).join('\n');
  const before = await readFile(join(import.meta.dirname, 'formats.txt'), 'utf8');
  expect(notRaised(before, found), 'its version is raised first').toEqual([]);
  await expect(`${found}\n`).toMatchFileSnapshot('formats.txt');
});

import { expect, test } from 'vitest';
import type * as z from 'zod';
import { AccessState } from '../../domain/access/decide.ts';
import { AccessEvent, ApiToken, FormLink } from '../../domain/access/events.ts';
import { AnnouncedCounts } from '../../domain/derived/changes.ts';
import { DerivedEvent } from '../../domain/derived/events.ts';
import { ChangeRecord, DriftCase, KeyRecord, Report, Task } from '../../domain/derived/record.ts';
import { DocumentPartKept } from '../../domain/documents/events.ts';
import { FeatureEvent, Opening, Pinned, Provenance } from '../../domain/feature/events.ts';
import { Notice, NoticeFacts } from '../../domain/feature/notice.ts';
import { FeatureState } from '../../domain/feature/state.ts';
import { Terms } from '../../domain/feature/terms.ts';
import { ChangeView } from '../../domain/feature/view.ts';
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
import { FrontierJson, LogbookState, LogState } from '../../domain/log/decide.ts';
import { CheckpointSigned, LogKeyAnnounced } from '../../domain/log/events.ts';
import { LateEntry, LogTimes } from '../../domain/log/late.ts';
import { AuditMap } from '../../domain/observation/audit.ts';
import { ObservationReport, ObservationState } from '../../domain/observation/decide.ts';
import { Evidence, ObservationEvent, Observed } from '../../domain/observation/events.ts';
import { Profile } from '../../domain/observation/observedFile.ts';
import { PolicyState } from '../../domain/policy/decide.ts';
import { PolicyEvent } from '../../domain/policy/events.ts';
import { PinnedRequirement, Policy, Requirement, Rule } from '../../domain/policy/schema.ts';
import { NoticeReceived } from '../../domain/receipt/events.ts';
import { RedactionState } from '../../domain/redaction/decide.ts';
import { RedactionEvent } from '../../domain/redaction/events.ts';
import { RevocationRecorded } from '../../domain/revocation/events.ts';
import { NewSeats, RuledBodies } from '../../domain/roster/bodies.ts';
import { RosterEvent } from '../../domain/roster/events.ts';
import { HolderId, Roster, RosterFile } from '../../domain/roster/schema.ts';
import { PersonLinks, RosterState } from '../../domain/roster/state.ts';
import { SettingsState } from '../../domain/settings/decide.ts';
import { TimeZoneSet } from '../../domain/settings/events.ts';
import { VendorState } from '../../domain/vendors/decide.ts';
import { VendorEvent, VendorKey } from '../../domain/vendors/events.ts';
import { formatsOf } from '../support/formats.ts';

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

test('every format of the domain that is stored, published or read is as it was (vitest -u writes formats.txt)', async () => {
  const events = Object.fromEntries(EVENTS.map((schema) => [String((schema.shape['type'] as z.ZodLiteral).value), schema]));
  const all = { ...TYPES, ...PARTS, ...RULES, ...RECORDS, ...INPUT, ...KEPT, ...STATES, ...events };
  await expect(formatsOf(all)).toMatchFileSnapshot('formats.txt');
});

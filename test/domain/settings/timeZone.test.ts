import { describe, expect, test } from 'vitest';
import { type SetTimeZone, SettingsState, settingsDecider } from '../../../domain/settings/decide.ts';
import { SettingsEvent } from '../../../domain/settings/events.ts';
import { given as from } from '../../support/given.ts';

const at = '2026-03-01T12:00:00.000Z';
const settings = {
  decider: settingsDecider,
  parseEvent: (json: unknown) => SettingsEvent.parse(json),
  parseState: (json: unknown) => SettingsState.parse(json),
};
const set = (zone: string, tzdata = '2025b'): SetTimeZone => ({ type: 'setTimeZone', at, zone, tzdata });
const wasSet = (zone: string, tzdata = '2025b'): SettingsEvent => ({ type: 'TimeZoneSet', v: 1, at, zone, tzdata });

describe('the time zone', () => {
  test('is set at the first start', () => from(settings).when(set('America/Denver')).then(wasSet('America/Denver')));
  test('is set again when the setting changes', () =>
    from(settings, wasSet('UTC')).when(set('America/Denver')).then(wasSet('America/Denver')));
  test('is set again with new data: a date that lies ahead may be read differently', () =>
    from(settings, wasSet('America/Denver')).when(set('America/Denver', '2026a')).then(wasSet('America/Denver', '2026a')));
  test('is one that the runtime knows', () => from(settings).when(set('Mars/Olympus')).thenRejected('unknown-zone'));
  test('may be the one of another installation: an event is read wherever it is known', () =>
    expect(SettingsEvent.safeParse(wasSet('Mars/Olympus')).success).toBe(true));
});

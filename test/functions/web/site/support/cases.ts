import type { DriftCase, KeyRecord, Report, SourceRecord } from '../../../../../domain/derived/record.ts';
import { DERIVED, ONLY } from '../../../../../functions/register/derived/records.ts';
import { report } from '../../../../domain/derived/known.ts';
import {
  driftCase,
  keyRecord,
  putCase,
  putKeyRecord,
  putSourceRecord,
  sourceRecord,
} from '../../../register/derived/derivedCity.ts';
import type { City } from './city.ts';

/** What the fold of the log would have written of a key and its cases. */
export interface Known {
  readonly key: string;
  readonly cases?: readonly Partial<DriftCase>[];
  readonly reports?: readonly Partial<Report>[];
}

/** Puts records by hand, and the figures that follow from them. */
export const putKnown = async (
  { ports: { sideStore } }: { readonly ports: Pick<City['ports'], 'sideStore'> },
  known: readonly Known[],
  sources: readonly Partial<SourceRecord>[] = [],
): Promise<void> => {
  const all: { key: string; one: DriftCase }[] = [];
  for (const { key, cases = [], reports = [] } of known) {
    const record: KeyRecord = keyRecord({ key, cases: cases.map(driftCase), reports: reports.map(report) });
    await putKeyRecord(sideStore, record);
    all.push(...record.cases.map((one) => ({ key, one })));
  }
  for (const { key, one } of all) await putCase(sideStore, key, one);
  for (const each of sources) await putSourceRecord(sideStore, sourceRecord({ vendor: 'acme', ...each }));
  const openCases = all.filter(({ one }) => one.until === null).length;
  await sideStore.put(DERIVED.figures, ONLY, { openCases, pastCases: all.length - openCases, tasks: 0, urgentTasks: 0 });
};

/** A day at noon in Denver. */
export const noon = (day: string): string => `${day}T19:00:00.000Z`;

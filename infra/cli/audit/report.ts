import type { AuditFlag, AuditJudge } from '../../../domain/observation/audit/judge.ts';
import type { AuditScan, Lines } from '../../../domain/observation/audit/scan.ts';

const linesJson = ({ count, first }: Lines) => ({ rows: count, lines: first });

/** Returns the report as data: counts, findings and line numbers, but no cell of any row. */
export const auditJson = (scan: AuditScan, judge: AuditJudge) => ({
  kind: scan.kind,
  rows: scan.rows,
  from: scan.from ?? null,
  to: scan.to ?? null,
  headers: scan.headers,
  withoutHeader: scan.withoutHeader,
  types: judge.uses.map(({ type, key, rows }) => ({ type, feature: key, rows, mapped: key !== null })),
  flagged: judge.flags,
  outsideOrganisations: judge.outsiders,
  columns: Object.fromEntries(scan.shown),
  missingColumns: scan.missing,
  unknownColumns: scan.unknownColumns,
  undated: scan.undated,
  reasonsLikePlates: linesJson(scan.plates),
  formulaRows: scan.formulas,
});
export type AuditJson = ReturnType<typeof auditJson>;

const WHAT: Readonly<Record<AuditFlag['code'], string>> = {
  'feature-off': 'use of a feature that is off',
  'outside-audience': 'use by an organisation outside the approved audience',
  'organisation-not-shown': 'use by an organisation that is masked or left blank, where only some may',
  'unreadable-row': 'rows whose cells do not fit their header, so they cannot be judged',
};

const onLines = (rows: number, lines: readonly number[]): string =>
  `${rows} ${rows === 1 ? 'row' : 'rows'}, ${lines.length < rows ? 'first on lines' : lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`;

const typeLine = ({ type, feature, rows }: AuditJson['types'][number]): string =>
  `  ${type ?? '(no plain word)'}: ${rows} ${rows === 1 ? 'row' : 'rows'}, ${feature ?? 'not mapped'}`;

const noteLines = (report: AuditJson): readonly string[] => {
  const { columns, missingColumns, unknownColumns, undated, reasonsLikePlates, formulaRows, withoutHeader } = report;
  const hidden = Object.entries(columns).filter(([, { masked, blank }]) => masked + blank > 0);
  return [
    ...hidden.map(
      ([column, { masked, blank }]) => `note: ${column}: masked in ${masked} rows, blank in ${blank}; blank is not "none"`,
    ),
    ...(missingColumns.length > 0 ? [`note: the file has no column for: ${missingColumns.join(', ')}`] : []),
    ...(unknownColumns > 0 ? [`note: ${unknownColumns} columns have names that mean nothing here, and were left aside`] : []),
    ...(withoutHeader ? ['note: the file has no header; its columns were identified by their order'] : []),
    ...(undated > 0 ? [`note: ${undated} rows have no readable time, and were compared with what is approved now`] : []),
    ...(reasonsLikePlates.rows > 0
      ? [`note: reasons that look like a licence plate: ${onLines(reasonsLikePlates.rows, reasonsLikePlates.lines)}`]
      : []),
    ...(formulaRows > 0
      ? [`note: ${formulaRows} rows hold a cell that a spreadsheet would run; do not open the file in one`]
      : []),
  ];
};

/** Returns the report as text. */
export const auditText = (report: AuditJson): string => {
  const { rows, from, to, types, flagged, outsideOrganisations, kind } = report;
  const period = from === null ? '' : `, ${from} to ${to}`;
  return [
    `${rows} ${kind === 'access' ? 'searches' : 'changes of settings'}${period}`,
    ...types.map(typeLine),
    ...flagged.map(
      ({ code, key, rows: count, lines }) => `flagged: ${WHAT[code]}${key === null ? '' : `: ${key}`}: ${onLines(count, lines)}`,
    ),
    ...(outsideOrganisations > 0 ? [`flagged: organisations outside the audience: ${outsideOrganisations}`] : []),
    ...noteLines(report),
    flagged.length === 0 ? 'nothing is flagged' : 'the lines are those of the file; no row is shown here',
  ].join('\n');
};

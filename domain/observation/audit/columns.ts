/** The two kinds of export: searches by user, and changes of settings by user. */
export type AuditKind = 'access' | 'settings';

/** Column names seen in exports, by meaning, without case, spaces and punctuation. Names change: a column not listed here is ignored. */
const NAMES = {
  access: {
    id: ['id', 'searchid'],
    user: ['name', 'user', 'username', 'userid', 'officer'],
    organisation: ['orgname', 'org', 'organization', 'organizationname', 'agency', 'agencyname'],
    networks: ['totalnetworkssearched', 'networkssearched'],
    devices: ['totaldevicessearched', 'devicessearched', 'cameracount'],
    timeFrame: ['timeframe'],
    plate: ['licenseplate', 'licenceplate', 'plate', 'platenumber'],
    reason: ['reason', 'searchreason'],
    case: ['case', 'casenumber', 'caseno'],
    filters: ['filters'],
    time: ['searchtime', 'searchdate', 'searchedat', 'timestamp'],
    type: ['searchtype'],
    prompt: ['textprompt', 'prompt'],
    moderation: ['moderation'],
  },
  settings: {
    time: ['timestamp', 'time', 'date'],
    user: ['user', 'username'],
    event: ['eventtype', 'event', 'action'],
    type: ['entitytype'],
    details: ['entitydetails', 'details'],
    id: ['eventid', 'id'],
  },
} as const satisfies Record<AuditKind, Record<string, readonly string[]>>;

/** The meaning of a column, independent of a vendor's name for it. */
export type Column = keyof (typeof NAMES)['access'] | keyof (typeof NAMES)['settings'];

const meanings = (columns: Readonly<Partial<Record<Column, readonly string[]>>>): ReadonlyMap<string, Column> =>
  new Map(Object.entries(columns).flatMap(([column, names]) => names.map((name) => [name, column as Column] as const)));

const MEANINGS = { access: meanings(NAMES.access), settings: meanings(NAMES.settings) };

/** The columns with which each row of searches ends. */
const SEARCH_END = ['timeFrame', 'plate', 'reason', 'case', 'filters', 'time', 'type', 'prompt', 'moderation'] as const;

/** Exports without a header, by the order of their columns. */
const HEADERLESS: Readonly<Record<AuditKind, readonly (readonly Column[])[]>> = {
  access: [
    ['id', 'user', 'organisation', 'networks', ...SEARCH_END],
    ['id', 'user', 'organisation', 'networks', 'devices', ...SEARCH_END],
    ['id', 'user', 'time', 'devices', 'reason'],
  ],
  settings: [['time', 'user', 'event', 'type', 'details', 'id']],
};

/** The position of each column. `width`: cells per row. */
export interface Layout {
  readonly at: ReadonlyMap<Column, number>;
  readonly width: number;
  /** Column names that the gate does not know. */
  readonly unknown: number;
}

const RECOGNISED_MIN = 3;

const columnOf = (kind: AuditKind, name: string): Column | undefined =>
  MEANINGS[kind].get(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));

const layoutOf = (columns: readonly (Column | undefined)[]): Layout => {
  const at = new Map<Column, number>();
  for (const [index, column] of columns.entries()) if (column !== undefined && !at.has(column)) at.set(column, index);
  return { at, width: columns.length, unknown: columns.filter((column) => column === undefined).length };
};

/** Returns the layout that a header row names; headers can occur anywhere in a file made of several joined ones. */
export const headerOf = (kind: AuditKind, cells: readonly string[]): Layout | undefined => {
  const columns = cells.map((cell) => columnOf(kind, cell));
  const recognised = columns.filter((column) => column !== undefined).length;
  return recognised >= RECOGNISED_MIN && recognised * 2 >= cells.length ? layoutOf(columns) : undefined;
};

/** Returns the layout that a user names for a file without a header. Unknown names are ignored columns. */
export const namedLayout = (kind: AuditKind, names: readonly string[]): Layout =>
  layoutOf(names.map((name) => columnOf(kind, name)));

/** Returns the layout of a file without a header, by its first row: the width matches, and the time column holds a time. */
export const guessedLayout = (kind: AuditKind, cells: readonly string[], isTime: (text: string) => boolean): Layout | undefined =>
  HEADERLESS[kind].map(layoutOf).find(({ at, width }) => width === cells.length && isTime(cells[at.get('time') ?? -1] ?? ''));

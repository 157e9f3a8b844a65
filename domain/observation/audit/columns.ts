/** The two kinds of export: searches by user, and changes of settings by user. */
export type AuditKind = 'access' | 'settings';

/** The meaning of a column, independent of a vendor's name for it. */
export type Column =
  | 'id'
  | 'user'
  | 'organisation'
  | 'networks'
  | 'devices'
  | 'timeFrame'
  | 'plate'
  | 'reason'
  | 'case'
  | 'filters'
  | 'time'
  | 'type'
  | 'prompt'
  | 'moderation'
  | 'event'
  | 'details';

/** Column names seen in exports, without case, spaces and punctuation. Names change: a column not listed here is ignored. */
const NAMES: Readonly<Record<AuditKind, Readonly<Record<string, Column>>>> = {
  access: {
    id: 'id',
    searchid: 'id',
    name: 'user',
    user: 'user',
    username: 'user',
    userid: 'user',
    officer: 'user',
    orgname: 'organisation',
    org: 'organisation',
    organization: 'organisation',
    organizationname: 'organisation',
    agency: 'organisation',
    agencyname: 'organisation',
    totalnetworkssearched: 'networks',
    networkssearched: 'networks',
    totaldevicessearched: 'devices',
    devicessearched: 'devices',
    cameracount: 'devices',
    timeframe: 'timeFrame',
    licenseplate: 'plate',
    licenceplate: 'plate',
    plate: 'plate',
    platenumber: 'plate',
    reason: 'reason',
    searchreason: 'reason',
    case: 'case',
    casenumber: 'case',
    caseno: 'case',
    filters: 'filters',
    searchtime: 'time',
    searchdate: 'time',
    searchedat: 'time',
    timestamp: 'time',
    searchtype: 'type',
    textprompt: 'prompt',
    prompt: 'prompt',
    moderation: 'moderation',
  },
  settings: {
    timestamp: 'time',
    time: 'time',
    date: 'time',
    user: 'user',
    username: 'user',
    eventtype: 'event',
    event: 'event',
    action: 'event',
    entitytype: 'type',
    entitydetails: 'details',
    details: 'details',
    eventid: 'id',
    id: 'id',
  },
};

/** Exports without a header, by the order of their columns. */
const HEADERLESS: Readonly<Record<AuditKind, readonly (readonly Column[])[]>> = {
  access: [
    [
      'id',
      'user',
      'organisation',
      'networks',
      'timeFrame',
      'plate',
      'reason',
      'case',
      'filters',
      'time',
      'type',
      'prompt',
      'moderation',
    ],
    [
      'id',
      'user',
      'organisation',
      'networks',
      'devices',
      'timeFrame',
      'plate',
      'reason',
      'case',
      'filters',
      'time',
      'type',
      'prompt',
      'moderation',
    ],
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

const columnOf = (kind: AuditKind, name: string): Column | undefined => {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return Object.hasOwn(NAMES[kind], plain) ? NAMES[kind][plain] : undefined;
};

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

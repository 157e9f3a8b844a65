/** The two kinds of export: who searched what, and who switched which setting. */
export type AuditKind = 'access' | 'settings';

/** What a column is about, whatever a vendor calls it. */
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

/** Names of columns as exports have had them, without case, spaces and signs. Names change: what is not here is left aside. */
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

/** Exports that came without a header, by the order of their columns. */
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

/** Where each column stands. `width`: cells of a row. */
export interface Layout {
  readonly at: ReadonlyMap<Column, number>;
  readonly width: number;
  /** Names of columns that mean nothing to the gate. */
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

/** The layout that a row names, when it is a header; they may stand anywhere in a file, where several were joined. */
export const headerOf = (kind: AuditKind, cells: readonly string[]): Layout | undefined => {
  const columns = cells.map((cell) => columnOf(kind, cell));
  const recognised = columns.filter((column) => column !== undefined).length;
  return recognised >= RECOGNISED_MIN && recognised * 2 >= cells.length ? layoutOf(columns) : undefined;
};

/** The layout that somebody names for a file without a header. Names that mean nothing are columns left aside. */
export const namedLayout = (kind: AuditKind, names: readonly string[]): Layout =>
  layoutOf(names.map((name) => columnOf(kind, name)));

/** The layout of a file without a header, by its first row: its width fits, and its time is one. */
export const guessedLayout = (kind: AuditKind, cells: readonly string[], isTime: (text: string) => boolean): Layout | undefined =>
  HEADERLESS[kind].map(layoutOf).find(({ at, width }) => width === cells.length && isTime(cells[at.get('time') ?? -1] ?? ''));

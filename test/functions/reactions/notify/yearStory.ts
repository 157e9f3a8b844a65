import type { Notice } from '../../../../domain/feature/notice.ts';
import type { ObservationEvent } from '../../../../domain/observation/events.ts';
import { recordOptOut } from '../../../../functions/gate/feature.ts';
import { at, plusDays, SEATS, UNCHANGED, type Year } from './year.ts';

/**
 * The mix. Three vendors with a contract and 99 features each, all approved and on when the year begins. Each vendor releases four times: two
 * updates, of which one can be opted out of by a day and the other likewise, or not, or its notice does not say; two new features; and a
 * small fix that needs no vote. The council meets on two Tuesdays a month and decides in one sitting on what is a week old: of five changes
 * three are approved, one is refused, one is left. Of the opt-outs a third is recorded in time, a third late, a third never. IT looks at each
 * vendor's console on Mondays, at one vendor's not in August; it has what went off switched off on that day, every fourth time after three
 * weeks only. Every second month an audit sees something on that no vendor announced, for hours, for four days, or for five weeks. One contract
 * is renewed, one ends in autumn with two features still on, one ends in the next year.
 */
export const VENDORS = ['acme', 'flock', 'zeta'] as const;
const RELEASE_DAYS = [5, 12, 19] as const;
export const ENDS = { acme: '2027-06-30', flock: '2028-02-28', zeta: '2027-09-30' } as const;
const RENEWED = '2028-06-30';
const LONG: Partial<Notice> = { kind: 'contract' };

const keyOf = (vendor: string, n: number): string => `${vendor}.f${String(n).padStart(2, '0')}`;
/** Those that have updates in the year, which need a vote. */
const CHANGING = /\.f(?:0\d|1[0-2])$/;
const dayOfMonth = (day: string): number => Number(day.slice(8));
const monthOf = (day: string): number => Number(day.slice(5, 7)) - 1;
const isAudited = (day: string): boolean => dayOfMonth(day) === 8 && monthOf(day) % 2 === 0;
const weekday = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay();

interface Open {
  readonly key: string;
  readonly change: string;
  readonly digest: string;
  readonly day: string;
  readonly notice: Partial<Notice>;
}

type Features = Record<string, ObservationEvent['features'][string]>;

export class Story {
  readonly #year: Year;
  /** What is on at the vendors. */
  readonly #on = new Map<string, boolean>();
  #open: Open[] = [];
  readonly #toSign: Open[] = [];
  /** What IT does on a day. */
  readonly #plans = new Map<string, (() => Promise<void>)[]>();
  #decided = 0;
  #lost = 0;
  #optOuts = 0;
  /** Opted out of in time. */
  readonly #held = new Set<string>();
  forced = 0;

  constructor(year: Year) {
    this.#year = year;
  }

  #plan(day: string, act: () => Promise<void>): void {
    this.#plans.set(day, [...(this.#plans.get(day) ?? []), act]);
  }

  /** Everything is approved, and seen on, on the last days of the year before. */
  async begin(): Promise<void> {
    const year = this.#year;
    year.gate.at(at('2026-12-01', 9));
    const open: { readonly change: string; readonly digest: string }[] = [];
    for (const vendor of VENDORS) {
      open.push(await year.notice({ feature: vendor, ...LONG, title: `The ${vendor} contract`, endsAt: ENDS[vendor] }));
      for (let n = 1; n < 100; n += 1) open.push(await year.notice({ feature: keyOf(vendor, n) }));
      await year.contact(vendor, `sales@${vendor}.example`);
    }
    year.gate.at(at('2026-12-10', 19));
    await year.certify(open, true, { maintenance: true });
    year.gate.at(at('2026-12-11', 9));
    for (const each of open) await year.sign(each, { maintenance: true });
    for (const vendor of VENDORS) {
      this.#on.set(vendor, true);
      for (let n = 1; n < 100; n += 1) this.#on.set(keyOf(vendor, n), true);
    }
    await year.until(at('2026-12-11', 10));
    await this.#look(VENDORS, true);
    await year.until(at('2026-12-30', 9));
    await year.morning();
  }

  /** At all of a vendor's features, or at those that may have changed. */
  async #look(vendors: readonly string[], all = false): Promise<void> {
    for (const vendor of vendors) {
      const own = [...this.#on].filter(([key]) => key === vendor || key.startsWith(`${vendor}.`));
      const keys = all ? own : own.filter(([key]) => key.includes('.new') || CHANGING.test(key));
      await this.#year.report({ vendor, source: 'console', features: Object.fromEntries(keys) as Features });
    }
  }

  async #set(key: string, on: boolean): Promise<void> {
    this.#on.set(key, on);
    const [vendor = ''] = key.split('.');
    await this.#year.report({ vendor, source: 'console', features: { [key]: on } });
  }

  async #send(day: string, key: string, notice: Partial<Notice>): Promise<void> {
    const { change, digest } = await this.#year.notice({ feature: key, title: `About ${key}`, ...notice });
    if (notice.impact === undefined) this.#open.push({ key, change, digest, day, notice });
  }

  async #release(day: string, v: number): Promise<void> {
    const [vendor, release] = [VENDORS[v] ?? 'acme', Math.floor(monthOf(day) / 3)];
    const effect = plusDays(day, 40);
    const effectiveAt = at(effect, 0);
    const held = { optOut: 'yes', optOutBy: at(plusDays(day, 25), 0), withoutAction: 'on', effectiveAt } as const;
    const second = (['yes', 'no', 'unknown'] as const)[(release + v) % 3] ?? 'yes';
    if (second === 'no') this.forced += 1;
    for (const [n, notice] of [
      [1, held],
      [2, second === 'yes' ? held : { optOut: second, effectiveAt }],
    ] as const) {
      const key = keyOf(vendor, release * 2 + n);
      await this.#send(day, key, { kind: 'update', ...notice });
      if (notice.optOut === 'yes') this.#planOptOut(day, key);
      this.#plan(effect, async () => this.#wentOff(effect, key));
    }
    for (const withoutAction of ['unknown', 'off'] as const) {
      const key = `${vendor}.new${release}${withoutAction}`;
      await this.#send(day, key, { optOut: 'yes', effectiveAt, withoutAction });
      if (withoutAction === 'off') continue;
      this.#planOptOut(day, key);
      this.#plan(effect, async () => this.#appears(effect, key));
    }
    await this.#send(day, keyOf(vendor, 50 + release), { kind: 'update', optOut: 'no', impact: UNCHANGED });
  }

  /** In time, late, or never. */
  #planOptOut(day: string, key: string): void {
    const days = [15, 42][this.#optOuts % 3];
    this.#optOuts += 1;
    if (days === undefined) return;
    this.#plan(plusDays(day, days), async () => {
      const open = this.#open.find((each) => each.key === key);
      if (open === undefined) return;
      const caller = { name: 'it', person: SEATS[0] };
      const { change, digest } = open;
      const n = Number(change.slice(change.lastIndexOf('/') + 1));
      const done = await recordOptOut(
        this.#year.gate.ports,
        {
          key,
          n,
          revision: 1,
          digest,
          note: 'In the console.',
          evidence: null,
          caller,
        },
        null,
      );
      if (!done.ok) throw new Error(`refused: ${done.rejection.code}`);
      if (days === 15) this.#held.add(key);
    });
  }

  /** An update that was not approved by its day: IT switches off what is no longer approved, and on again what is later. */
  async #wentOff(day: string, key: string): Promise<void> {
    if (this.#held.has(key) || !this.#open.some((each) => each.key === key)) return;
    this.#lost += 1;
    this.#plan(plusDays(day, this.#lost % 4 === 0 ? 21 : 0), () => this.#set(key, false));
  }

  /** A new feature that is on at its day, approved or not. One that is not is switched off once IT has heard of it. */
  async #appears(day: string, key: string): Promise<void> {
    if (this.#held.has(key)) return;
    this.#on.set(key, true);
    if (this.#open.some((each) => each.key === key)) this.#plan(plusDays(day, 10), () => this.#set(key, false));
  }

  async #audit(day: string): Promise<void> {
    const m = monthOf(day);
    const key = `${VENDORS[m % 3]}.secret${m}`;
    const [vendor = ''] = key.split('.');
    const say = (on: boolean) => this.#year.report({ vendor, source: 'audit', features: { [key]: on } });
    await say(true);
    const days = [0, 4, 35][(m / 2) % 3] ?? 0;
    if (days > 0) this.#plan(plusDays(day, days), () => say(false));
    else {
      await this.#year.until(at(day, 13, 30));
      this.#year.gate.at(at(day, 15));
      await say(false);
    }
  }

  async #meet(day: string): Promise<void> {
    const ready = this.#open.filter((each) => plusDays(each.day, 8) <= day);
    const [yes, no]: [Open[], Open[]] = [[], []];
    for (const each of ready) {
      const turn = this.#decided % 5;
      this.#decided += 1;
      if (turn < 3 || each.notice.kind === 'contract') yes.push(each);
      else if (turn === 3) no.push(each);
    }
    const [renewals, others] = [
      yes.filter(({ notice }) => notice.kind === 'contract'),
      yes.filter(({ notice }) => notice.kind !== 'contract'),
    ];
    const next = { from: at('2027-06-20', 0) };
    if (renewals.length > 0) await this.#year.certify(renewals, true, next);
    if (others.length > 0) await this.#year.certify(others, true, { maintenance: true });
    if (no.length > 0) await this.#year.certify(no, false);
    this.#toSign.push(...yes);
    this.#open = this.#open.filter((each) => !yes.includes(each) && !no.includes(each));
  }

  async #sign(day: string): Promise<void> {
    for (const each of this.#toSign.splice(0)) {
      await this.#year.sign(each, each.notice.kind === 'contract' ? { from: at('2027-06-20', 0) } : { maintenance: true });
      if (this.#on.get(each.key) !== true) this.#plan(plusDays(day, 45), () => this.#set(each.key, true));
    }
  }

  async #contracts(day: string): Promise<void> {
    if (day === '2027-04-06')
      await this.#send(day, 'acme', { ...LONG, title: 'The next acme contract', endsAt: RENEWED, optOut: 'yes' });
    if (day === '2027-10-03') {
      for (const key of this.#on.keys()) if (key.startsWith('zeta')) this.#on.set(key, key === 'zeta.f98' || key === 'zeta.f99');
      await this.#look(['zeta'], true);
    }
    if (day === '2027-10-20') for (const key of ['zeta.f98', 'zeta.f99']) await this.#set(key, false);
  }

  /** Whether anything was done on a day, after its morning. */
  async day(day: string): Promise<boolean> {
    const { gate } = this.#year;
    const v = RELEASE_DAYS.indexOf(dayOfMonth(day) as 5);
    const isTuesday = weekday(day) === 2 && [2, 4].includes(Math.ceil(dayOfMonth(day) / 7));
    const plans = this.#plans.get(day) ?? [];
    gate.at(at(day, 9, 30));
    const signs = this.#toSign.length > 0;
    await this.#sign(day);
    gate.at(at(day, 13));
    for (const plan of plans) await plan();
    await this.#contracts(day);
    const releases = v >= 0 && monthOf(day) % 3 === v && !(VENDORS[v] === 'zeta' && day > ENDS.zeta);
    if (releases) await this.#release(day, v);
    if (isAudited(day)) await this.#audit(day);
    gate.at(at(day, 19));
    if (isTuesday) await this.#meet(day);
    return signs || plans.length > 0 || releases || isTuesday || isAudited(day) || day.startsWith('2027-10');
  }

  /** On Mondays, before the morning. */
  async look(day: string): Promise<void> {
    const vendors = VENDORS.filter((vendor) => vendor !== 'flock' || monthOf(day) !== 7);
    if (weekday(day) === 1) await this.#look(vendors);
  }
}

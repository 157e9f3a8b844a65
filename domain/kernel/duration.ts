/** Dates are added by the calendar, hours and minutes as elapsed time. */
export interface Duration {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
}

const DURATION = /^P(?!$)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?!$)(?:(\d{1,6})H)?(?:(\d{1,8})M)?)?$/;

/** Short enough for dates to stay within four-digit years. */
const YEARS_MAX = 100;
const DAYS_MAX = YEARS_MAX * 366;
const HOURS_MAX = DAYS_MAX * 24;

/** Parses `PnYnMnWnDTnHnM`, at most a hundred years; undefined for anything else. */
export const parseDuration = (text: string): Duration | undefined => {
  const found = DURATION.exec(text);
  if (!found) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0] = found
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  if (years * 12 + months > YEARS_MAX * 12 || weeks * 7 + days > DAYS_MAX || hours + minutes / 60 > HOURS_MAX) return undefined;
  return { years, months, weeks, days, hours, minutes };
};

// One formatter of each kind: making one costs more than formatting a thousand times.
let locale = "en";
let formatters = new Map<string, Intl.DateTimeFormat>();
let numbers = new Map<string, Intl.NumberFormat>();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const WEEKDAY = { weekday: "long" } as const;
const DAY = { day: "numeric", month: "long" } as const;
const DAY_AND_YEAR = { ...DAY, year: "numeric" } as const;
const EXACT = { ...DAY_AND_YEAR, weekday: "long", ...CLOCK, second: "2-digit" } as const;

/** Writes times in this locale from now on. */
export function setTimeLocale(tag: string): void {
  locale = tag;
  formatters = new Map();
  numbers = new Map();
}

/** "14:05" */
export function clockTime(at: number): string {
  return format(at, CLOCK);
}

/** "Monday, March 12, 2026 at 14:05:09", for a title or a label. */
export function exactTime(at: number): string {
  return format(at, EXACT);
}

/** "today", "yesterday", "Monday" within the last week, else "March 12", with the year when it is another. */
export function dayName(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days === 0 || days === 1) {
    return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-days, "day");
  }
  if (days > 1 && days < 7) return format(at, WEEKDAY);
  return format(at, new Date(at).getFullYear() === new Date(now).getFullYear() ? DAY : DAY_AND_YEAR);
}

/** How long ago, as people say it: "now", "2 min", "3h" of today, then "yesterday 14:05", "Monday", "March 12". */
export function timeAgo(at: number, now: number): string {
  if (now - at < MINUTE) return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "second");
  const days = daysBetween(at, now);
  if (now - at < HOUR || days === 0) return duration(now - at);
  return days === 1 ? `${dayName(at, now)} ${clockTime(at)}` : dayName(at, now);
}

/** "2 min", "3h", "4 days": one number, rounded down, at least one minute. */
export function duration(ms: number): string {
  if (ms < HOUR) return amount(Math.max(1, Math.floor(ms / MINUTE)), "minute", "short");
  if (ms < 24 * HOUR) return amount(Math.floor(ms / HOUR), "hour", "narrow");
  return amount(Math.floor(ms / (24 * HOUR)), "day", "long");
}

/** Whether two moments are on the same day of the reader's calendar. */
export function sameDay(one: number, other: number): boolean {
  return daysBetween(one, other) === 0;
}

// By the calendar and not by 24 hours, also across a change of the clock.
function daysBetween(at: number, now: number): number {
  return Math.round((midnight(now) - midnight(at)) / (24 * HOUR));
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options);
  const formatter = formatters.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formatters.set(key, formatter);
  return formatter.format(at);
}

function amount(count: number, unit: string, unitDisplay: "short" | "narrow" | "long"): string {
  const key = unit + unitDisplay;
  const formatter = numbers.get(key) ?? new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay });
  numbers.set(key, formatter);
  return formatter.format(count);
}

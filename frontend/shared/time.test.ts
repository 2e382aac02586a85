import { expect, test } from "vitest";
import { clockTime, dayName, duration, exactTime, sameDay, timeAgo } from "./time";

const NOW = new Date(2026, 2, 12, 14, 5, 9).getTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test("times are said as people say them", () => {
  expect(timeAgo(NOW - 10_000, NOW)).toBe("now");
  expect(timeAgo(NOW - 2.5 * MINUTE, NOW)).toBe("2 min");
  expect(timeAgo(NOW - 3 * HOUR, NOW)).toBe("3h");
  expect(timeAgo(NOW - DAY, NOW)).toBe("yesterday 14:05");
  expect(timeAgo(NOW - 3 * DAY, NOW)).toBe("Monday");
  expect(timeAgo(NOW - 30 * DAY, NOW)).toBe("February 10");
  expect(timeAgo(NOW - 400 * DAY, NOW)).toBe("February 5, 2025");
});

test("a minute before midnight is minutes ago after it, and hours before it yesterday", () => {
  const justAfter = new Date(2026, 2, 12, 0, 10).getTime();
  expect(timeAgo(justAfter - 20 * MINUTE, justAfter)).toBe("20 min");
  expect(timeAgo(justAfter - 2 * HOUR, justAfter)).toBe("yesterday 22:10");
});

test("days are named by the calendar", () => {
  expect([0, 1, 2, 6, 7].map((days) => dayName(NOW - days * DAY, NOW))).toEqual([
    "today",
    "yesterday",
    "Tuesday",
    "Friday",
    "March 5",
  ]);
  expect(sameDay(NOW, NOW - 14 * HOUR)).toBe(true);
  expect(sameDay(NOW, NOW - 15 * HOUR)).toBe(false);
});

test("durations are one number", () => {
  expect([1, 90_000, 59 * MINUTE, 2 * HOUR, 50 * HOUR].map(duration)).toEqual([
    "1 min",
    "1 min",
    "59 min",
    "2h",
    "2 days",
  ]);
});

test("exact times say everything", () => {
  expect(clockTime(NOW)).toBe("14:05");
  expect(exactTime(NOW)).toContain("March 12, 2026");
  expect(exactTime(NOW)).toContain("14:05:09");
});

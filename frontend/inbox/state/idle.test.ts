import { afterEach, beforeEach, expect, test } from "vitest";
import { TestBrowser } from "../../shared/testing/browser";
import { TestClock } from "../../shared/testing/clock";
import { Idle } from "./idle";

const FIVE_MINUTES = 5 * 60_000;

let clock: TestClock;
let browser: TestBrowser;
let tabs: Idle[];
let told: boolean[];

beforeEach(() => {
  clock = new TestClock();
  browser = new TestBrowser();
  tabs = [];
  told = [];
});

afterEach(() => {
  for (const tab of tabs) tab.stop();
});

function open(): Idle {
  const tab = new Idle(browser.channel(), ({ on }) => told.push(on) > 0, clock);
  tabs.push(tab);
  tab.start();
  return tab;
}

test("nobody is idle before five minutes without a touch, and at once awake with the next", async () => {
  const tab = open();
  await clock.pass(FIVE_MINUTES - 1);
  expect(tab.on.value).toBe(false);
  await clock.pass(1);
  expect(tab.on.value).toBe(true);
  dispatchEvent(new Event("keydown"));
  expect(tab.on.value).toBe(false);
  expect(told).toEqual([true, false]);
});

test("a new connection is told of who is idle, and one of an older server no more", async () => {
  const tab = open();
  tab.connected();
  expect(told).toEqual([]);
  await clock.pass(FIVE_MINUTES);
  tab.connected();
  expect(told).toEqual([true, true]);
  tab.notUnderstood();
  tab.touched();
  expect(told).toHaveLength(2);
});

test("what is touched in one tab keeps the others awake", async () => {
  const [touched, hidden] = [open(), open()];
  for (let minute = 0; minute < 10; minute++) {
    await clock.pass(60_000);
    touched.touched();
  }
  expect(hidden.on.value).toBe(false);
  await clock.pass(FIVE_MINUTES);
  expect([touched.on.value, hidden.on.value]).toEqual([true, true]);
  touched.touched();
  await clock.pass(0);
  expect(hidden.on.value).toBe(false);
});

test("a tab whose timers sleep is told by whatever looks", async () => {
  const tab = new Idle(browser.channel(), ({ on }) => told.push(on) > 0, clock);
  tabs.push(tab);
  await clock.pass(FIVE_MINUTES);
  expect(tab.on.value).toBe(false);
  tab.look();
  expect(tab.on.value).toBe(true);
});

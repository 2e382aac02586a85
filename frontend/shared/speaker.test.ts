import { afterEach, expect, test, vi } from "vitest";
import { Speaker } from "./speaker";

type Held = { resolve(): void; reject(reason: unknown): void };

/** Locks as browsers have them: one holds, others wait, and who steals takes it from the holder. */
class TestLocks {
  #holder: Held | null = null;
  readonly #waiting: (() => void)[] = [];

  get waiting(): number {
    return this.#waiting.length;
  }

  request(_name: string, { steal = false, signal }: LockOptions, held: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => {
        const at = this.#waiting.indexOf(begin);
        if (at === -1) return;
        this.#waiting.splice(at, 1);
        reject(signal.reason);
      });
      const begin = () => {
        const mine: Held = { resolve, reject };
        this.#holder = mine;
        void held().then(() => {
          resolve();
          if (this.#holder !== mine) return;
          this.#holder = null;
          this.#waiting.shift()?.();
        });
      };
      if (steal) {
        this.#holder?.reject(new DOMException("stolen", "AbortError"));
        begin();
      } else if (this.#holder) this.#waiting.push(begin);
      else begin();
    });
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve));
let speakers: Speaker[] = [];

afterEach(() => {
  for (const speaker of speakers) speaker.close();
  speakers = [];
});

function open(focused: boolean, locks: TestLocks | null): Speaker {
  vi.stubGlobal("navigator", { locks });
  vi.spyOn(document, "hasFocus").mockReturnValue(focused);
  const speaker = new Speaker("test:");
  speakers.push(speaker);
  return speaker;
}

test("one tab speaks: the one that had the focus last, and another when it is closed", async () => {
  const locks = new TestLocks();
  const first = open(false, locks);
  const second = open(false, locks);
  await turn();
  expect([first.speaks, second.speaks]).toEqual([true, false]);
  const third = open(true, locks);
  await turn();
  expect([first.speaks, second.speaks, third.speaks]).toEqual([false, false, true]);
  third.close();
  await turn();
  expect([first.speaks, second.speaks].filter(Boolean)).toHaveLength(1);
});

test("however often the focus changes, no tab asks more than once at a time", async () => {
  const locks = new TestLocks();
  const tabs = [open(false, locks), open(false, locks)];
  await turn();
  for (let change = 0; change < 20; change++) {
    dispatchEvent(new Event("focus"));
    await turn();
  }
  expect(locks.waiting).toBe(1);
  expect(tabs.filter(({ speaks }) => speaks)).toHaveLength(1);
  tabs.find(({ speaks }) => speaks)?.close();
  await turn();
  expect(tabs.filter(({ speaks }) => speaks)).toHaveLength(1);
});

test("where there are no locks, a tab speaks while it is on screen", () => {
  const speaker = open(true, null);
  expect(speaker.speaks).toBe(true);
  vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  expect(speaker.speaks).toBe(false);
});

test("locks that are forbidden are as none", async () => {
  const forbidden = { request: () => Promise.reject(new DOMException("no", "SecurityError")) };
  const speaker = open(true, forbidden as unknown as TestLocks);
  await turn();
  expect(speaker.speaks).toBe(true);
});

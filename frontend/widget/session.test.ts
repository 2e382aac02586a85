import { beforeEach, describe, expect, test, vi } from "vitest";
import { Refusal } from "../shared/refusal";
import { memoryStore } from "../shared/storage";
import { Session } from "./session";

const YEAR = 365 * 24 * 3600 * 1000;

let storage: ReturnType<typeof memoryStore>;
let asked: { token: string | null; site: string }[];
let answers: [number, object][];
let introduced: number;

beforeEach(() => {
  storage = memoryStore();
  asked = [];
  introduced = 0;
  vi.stubGlobal("fetch", async (_url: string, init: { headers: Record<string, string>; body: string }) => {
    asked.push({ token: init.headers.Authorization ?? null, site: JSON.parse(init.body).site });
    const [status, body] = answers.shift() ?? [500, {}];
    return new Response(JSON.stringify(body), { status });
  });
});

function session(): Session {
  return new Session("https://chat.example", "key", storage, "p:", () => introduced++);
}

function granted(token: string, lasting = YEAR): [number, object] {
  return [200, { token, expires_at: Date.now() + lasting, you: {}, site: {}, online: [] }];
}

describe("a session", () => {
  test("is asked for once and then kept", async () => {
    answers = [granted("t1")];
    expect(await session().endpoint(false)).toEqual({
      url: "wss://chat.example/ws/customer/",
      protocols: ["porchlight.v1", "bearer.t1"],
    });
    expect((await session().endpoint(false)).protocols[1]).toBe("bearer.t1");
    expect(asked).toEqual([{ token: null, site: "key" }]);
    expect(introduced).toBe(1);
  });

  test("is asked for anew with the old token when the handshake was refused or it soon ends", async () => {
    answers = [granted("t1"), granted("t2", 3600_000), granted("t3")];
    await session().endpoint(false);
    await session().endpoint(true);
    expect((await session().endpoint(false)).protocols[1]).toBe("bearer.t3");
    expect(asked.map(({ token }) => token)).toEqual([null, "Bearer t1", "Bearer t2"]);
  });

  test("begins anew when the old token is no longer good", async () => {
    answers = [granted("t1"), [401, { code: "bad_token" }], granted("t2")];
    await session().endpoint(false);
    expect((await session().endpoint(true)).protocols[1]).toBe("bearer.t2");
    expect(asked.map(({ token }) => token)).toEqual([null, "Bearer t1", null]);
  });

  test("that another tab got meanwhile is the one to use", async () => {
    answers = [granted("t1"), granted("t2")];
    const both = await Promise.all([session().endpoint(false), session().endpoint(false)]);
    expect(both.map(({ protocols }) => protocols[1])).toEqual(["bearer.t1", "bearer.t1"]);
    expect(introduced).toBe(1);
  });

  test("passes on why it was refused and when to come back", async () => {
    answers = [
      [403, { code: "bad_origin", detail: "Not here." }],
      [429, { code: "too_fast", detail: "", retry_after: 7 }],
    ];
    const first = await session()
      .endpoint(false)
      .catch((error: Refusal) => error);
    expect(first).toMatchObject({ code: "bad_origin", detail: "Not here.", retryable: false });
    const second = await session()
      .endpoint(false)
      .catch((error: Refusal) => error);
    expect(second).toMatchObject({ code: "too_fast", retryAfter: 7, retryable: true });
  });

  test("that cannot be reached is no refusal", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")));
    expect(
      await session()
        .endpoint(false)
        .catch((error: unknown) => error),
    ).not.toBeInstanceOf(Refusal);
  });

  test("that was tampered with in storage is asked for anew", async () => {
    storage.set("p:token", "{broken");
    answers = [granted("t1")];
    expect((await session().endpoint(false)).protocols[1]).toBe("bearer.t1");
  });
});

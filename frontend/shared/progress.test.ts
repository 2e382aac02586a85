import { expect, test } from "vitest";
import { progressOf } from "./progress";
import type { Entry } from "./protocol";
import type { Pending } from "./timeline";

const me = { ref: "agent:1", name: "Alice" };
const entry: Entry = { seq: 5, kind: "text", author: me, body: "", data: {}, client_id: "x", at: 0 };
const pending: Pending = { client_id: "x", room: "r", kind: "text", body: "", at: 0, state: "queued" };

test.each([
  [{ delivered: 0, seen: 0 }, "saved"],
  [{ delivered: 4, seen: 4 }, "saved"],
  [{ delivered: 5, seen: 4 }, "delivered"],
  [{ delivered: 9, seen: 5 }, "seen"],
])("with the other side at %o an entry at 5 is %s", (receipt, progress) => {
  expect(progressOf(entry, receipt)).toBe(progress);
  expect(progressOf({ ...pending, state: "saved", seq: 5 }, receipt)).toBe(progress);
});

test("what is not saved has got nowhere, whatever the other side has seen", () => {
  const receipt = { delivered: 9, seen: 9 };
  expect(progressOf(pending, receipt)).toBe("queued");
  expect(progressOf({ ...pending, state: "failed" }, receipt)).toBe("failed");
});

test("a note reaches nobody else", () => {
  expect(progressOf({ ...entry, kind: "note" }, { delivered: 9, seen: 9 })).toBe("saved");
});

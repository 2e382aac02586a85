import { describe, expect, it } from "vitest";
import { strings } from "../strings";
import { alice, bob, line, room } from "../testing/cast";
import { newsOf } from "./news";

const before = room("1", { customer_texts: 1, last: line() });
const after = room("1", { head: 2, customer_texts: 2, last: line({ text: "Hello again" }) });

describe("news", () => {
  it("are a customer's new words: in full when their conversation is shown, else just from whom", () => {
    expect(newsOf({ before, after }, alice.ref, "1")).toBe("Carol: Hello again");
    expect(newsOf({ before, after }, alice.ref, "2")).toBe(strings.newFrom("Carol"));
  });

  it("are a conversation that has just begun, not one that was unknown here", () => {
    const begun = room("1", { head: 1, customer_texts: 1, last: line() });
    expect(newsOf({ before: null, after: begun }, alice.ref, null)).toBe(strings.newFrom("Carol"));
    expect(newsOf({ before: null, after }, alice.ref, null)).toBeNull();
  });

  it("are not a colleague's business, a reply, or a change of owner", () => {
    expect(newsOf({ before, after: { ...after, owner: bob } }, alice.ref, "1")).toBeNull();
    expect(newsOf({ before, after: { ...after, last: line({ author: alice }) } }, alice.ref, "1")).toBeNull();
    expect(newsOf({ before, after: { ...after, customer_texts: 1, owner: alice } }, alice.ref, "1")).toBeNull();
  });
});

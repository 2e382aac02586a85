import { describe, expect, it } from "vitest";
import { memoryStore } from "../../shared/storage";
import { OpenBefore } from "./openBefore";

describe("what was open before", () => {
  it("is kept for each agent", () => {
    const storage = memoryStore();
    new OpenBefore("agent:1", storage).keep({ order: ["1", "2"], used: ["2", "1"] });
    expect(new OpenBefore("agent:1", storage).load()).toEqual({ order: ["1", "2"], used: ["2", "1"] });
    expect(new OpenBefore("agent:2", storage).load().order).toEqual([]);
  });

  it("is nothing once all is closed, or when the record is broken", () => {
    const storage = memoryStore();
    const before = new OpenBefore("agent:1", storage);
    before.keep({ order: ["1"], used: ["1"] });
    before.keep({ order: [], used: [] });
    expect(storage.keys("")).toEqual([]);
    for (const broken of ["{", "null", '{"order": 7}']) {
      storage.set("porchlight.open.agent:1", broken);
      expect(before.load()).toEqual({ order: [], used: [] });
    }
  });

  it("is taken from the record only as far as it makes sense", () => {
    const storage = memoryStore();
    storage.set("porchlight.open.agent:1", '{"order": ["1", "x", "1", "3"], "used": ["3", "9"]}');
    expect(new OpenBefore("agent:1", storage).load()).toEqual({ order: ["1", "3"], used: ["1", "3"] });
  });
});

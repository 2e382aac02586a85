import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { channelOf } from "../shared/channel";
import type { Panel } from "./host";
import { mount } from "./panel";

let opened: Tab[] = [];

beforeEach(() => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError()));
});

afterEach(() => {
  for (const tab of opened) tab.shutdown();
  opened = [];
  vi.unstubAllGlobals();
});

/** A page with the panel in it, which ends it as the loader does. */
class Tab {
  panel: Panel | null;

  constructor() {
    const element = document.body.appendChild(document.createElement("div"));
    this.panel = mount({
      root: element.attachShadow({ mode: "open" }),
      server: "http://server",
      site: "key",
      page: false,
      light: () => {},
      unread: () => {},
      close: () => {},
      emit: () => {},
      shutdown: () => this.shutdown(),
    });
    opened.push(this);
  }

  shutdown(): void {
    this.panel?.destroy();
    this.panel = null;
  }
}

test("a chat that ends in one tab ends in the others, and not what the first one begins after it", async () => {
  const said: unknown[] = [];
  const witness = channelOf("porchlight:key:");
  witness.listen(({ type, ...rest }) => {
    if (type === "shutdown" || type === "after") said.push({ type, ...rest });
  });
  const [one, two] = [new Tab(), new Tab()];
  one.shutdown();
  const again = new Tab();
  await vi.waitFor(() => expect(two.panel).toBeNull());
  // What the second tab has said by now is heard before this.
  const last = channelOf("porchlight:key:");
  last.post({ type: "after" });
  await vi.waitFor(() => expect(said.at(-1)).toMatchObject({ type: "after" }));
  expect(said).toHaveLength(2);
  expect(again.panel).not.toBeNull();
  for (const channel of [witness, last]) channel.close();
});

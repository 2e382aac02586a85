import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Host } from "./host";

const SERVER = "https://chat.example";

interface Stage {
  mounts: Host[];
  calls: string[];
}

// The panel is loaded by import(); a module in a data: URL stands for it and tells the stage what happens.
const PANEL = `data:text/javascript,${encodeURIComponent(`
  export function mount(host) {
    const { mounts, calls } = globalThis.stage;
    mounts.push(host);
    return {
      open: (focus) => calls.push("open " + focus),
      close: () => calls.push("close"),
      destroy: () => calls.push("destroy"),
    };
  }
`)}`;

let stage: Stage;

beforeEach(() => {
  vi.resetModules();
  stage = { mounts: [], calls: [] };
  vi.stubGlobal("stage", stage);
  vi.stubGlobal("__PANEL__", PANEL);
  localStorage.clear();
  sessionStorage.clear();
  delete window.Porchlight;
  document.body.replaceChildren();
});

afterEach(() => window.Porchlight?.("shutdown"));

async function load(attributes: Record<string, string> = { "data-site": "key" }): Promise<void> {
  const script = document.createElement("script");
  script.type = "text/plain";
  script.setAttribute("src", `${SERVER}/widget/loader.js`);
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value);
  document.body.append(script);
  await import("./loader");
}

function launcher(): HTMLButtonElement | null | undefined {
  return document.querySelector("porchlight-chat")?.shadowRoot?.querySelector("button");
}

async function until(condition: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(condition()).toBe(true), { timeout: 5_000 });
}

describe("the loader", () => {
  test("draws a launcher in an open shadow root and loads nothing", async () => {
    const fetched = vi.fn();
    vi.stubGlobal("fetch", fetched);
    await load();
    expect(launcher()?.getAttribute("aria-expanded")).toBe("false");
    expect(launcher()?.getAttribute("aria-label")).toBe("Open chat");
    expect(stage.mounts).toEqual([]);
    expect(fetched).not.toHaveBeenCalled();
    expect(localStorage.length + sessionStorage.length).toBe(0);
  });

  test("included twice draws one", async () => {
    await load();
    vi.resetModules();
    await load();
    expect(document.querySelectorAll("porchlight-chat")).toHaveLength(1);
  });

  test("mounts the panel on a press, opens it, and closes it on the next", async () => {
    await load();
    launcher()?.click();
    await until(() => stage.calls.length === 1);
    expect(stage.mounts[0]).toMatchObject({ server: SERVER, site: "key", page: false });
    expect(launcher()?.getAttribute("aria-expanded")).toBe("true");
    launcher()?.click();
    launcher()?.click();
    await until(() => stage.calls.length === 3);
    expect(stage.calls).toEqual(["open true", "close", "open true"]);
    expect(stage.mounts).toHaveLength(1);
  });

  test("says so when the panel cannot be loaded, throws nothing, and tries again on the next press", async () => {
    vi.stubGlobal("__PANEL__", "data:text/javascript,throw new Error('dead')");
    await load();
    launcher()?.click();
    const notice = () => document.querySelector("porchlight-chat")?.shadowRoot?.querySelector("[role=status]");
    await until(() => notice()?.textContent !== "");
    expect(launcher()?.getAttribute("aria-expanded")).toBe("false");
  });

  test("connects by itself when a conversation is unfinished, without opening", async () => {
    localStorage.setItem("porchlight:key:room", "a");
    await load();
    await until(() => stage.mounts.length === 1);
    expect(stage.calls).toEqual([]);
  });

  test("opens without taking the focus when the panel was open on the page before", async () => {
    sessionStorage.setItem("porchlight:key:open", "1");
    await load();
    await until(() => stage.calls.length === 1);
    expect(stage.calls).toEqual(["open false"]);
  });

  test("fills a page of its own at once and without a launcher", async () => {
    await load({ "data-site": "key", "data-mode": "page" });
    await until(() => stage.calls.length === 1);
    expect(stage.mounts[0]?.page).toBe(true);
    expect(launcher()).toBeNull();
  });

  test("comes back when navigation replaces what is in the body", async () => {
    await load();
    document.body.replaceChildren();
    await until(() => launcher() !== undefined);
  });

  test("says lamp and unread count in the launcher's name", async () => {
    await load();
    const drawn = () => launcher()?.querySelector("svg")?.getAttribute("class");
    expect(drawn()).toBe("speech");
    launcher()?.click();
    await until(() => stage.mounts.length === 1);
    window.Porchlight?.("close");
    stage.mounts[0]?.light(true);
    expect(drawn()).toBe("lantern");
    stage.mounts[0]?.unread(2);
    expect(launcher()?.getAttribute("aria-label")).toBe("Open chat. 2 unread messages. We're here");
    stage.mounts[0]?.light(false);
    stage.mounts[0]?.unread(0);
    expect(launcher()?.getAttribute("aria-label")).toBe("Open chat. We're away, leave a message");
  });
});

describe("commands", () => {
  test("given before the loader ran are carried out", async () => {
    const heard = vi.fn();
    const queue = Object.assign(() => {}, { q: [["on", "ready", heard], ["open"]] });
    window.Porchlight = queue;
    await load();
    await until(() => stage.calls.length === 1);
    expect(stage.calls).toEqual(["open true"]);
  });

  test("boot twice is harmless, and boot after shutdown begins anew", async () => {
    await load();
    window.Porchlight?.("boot");
    window.Porchlight?.("shutdown");
    expect(launcher()).toBeUndefined();
    window.Porchlight?.("boot");
    window.Porchlight?.("boot");
    expect(document.querySelectorAll("porchlight-chat")).toHaveLength(1);
  });

  test("without a site nothing is drawn until boot names one", async () => {
    await load({});
    expect(launcher()).toBeUndefined();
    window.Porchlight?.("boot", { site: "later" });
    launcher()?.click();
    await until(() => stage.mounts.length === 1);
    expect(stage.mounts[0]?.site).toBe("later");
  });

  test("hide takes the launcher away and closes the panel, show brings it back", async () => {
    await load();
    window.Porchlight?.("open");
    await until(() => stage.calls.length === 1);
    window.Porchlight?.("hide");
    expect(launcher()?.hidden).toBe(true);
    expect(stage.calls).toEqual(["open true", "close"]);
    window.Porchlight?.("show");
    expect(launcher()?.hidden).toBe(false);
  });

  test("that do not exist do nothing", async () => {
    await load();
    expect(() => window.Porchlight?.("someday")).not.toThrow();
  });
});

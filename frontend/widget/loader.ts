import { Events } from "./events";
import { type Host, type Panel, storagePrefix } from "./host";
import { Launcher } from "./launcher";
import { launcher as words } from "./strings";

declare const __PANEL__: string;

type Command = (verb: string, ...rest: unknown[]) => unknown;
interface Porchlight extends Command {
  /** Commands given before the loader ran. */
  q?: ArrayLike<unknown>[];
  loaded?: boolean;
}
declare global {
  interface Window {
    Porchlight?: Porchlight;
  }
}

const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src*="/widget/loader.js"]');

if (script && !window.Porchlight?.loaded) start(script);

function start(script: HTMLScriptElement): void {
  const base = new URL(".", script.src);
  const events = new Events();
  const inPage = document.getElementById("porchlight");
  const page = (script.dataset.mode ?? inPage?.dataset.mode) === "page";

  let launcher: Launcher | null = null;
  let site = "";
  let panel: Panel | null = null;
  let loading: Promise<{ mount(host: Host): Panel }> | null = null;
  let failed = false;
  let isOpen = false;
  let watcher: MutationObserver | null = null;

  const verbs: Record<string, (...rest: never[]) => unknown> = { boot, open, close, toggle, show, hide, shutdown };
  verbs.on = (event: string, listener: (detail: unknown) => void) => events.on(event, listener);
  verbs.off = (event: string, listener: (detail: unknown) => void) => events.off(event, listener);
  const command: Porchlight = (verb, ...rest) => verbs[verb]?.(...(rest as never[]));
  const early = window.Porchlight?.q ?? [];
  window.Porchlight = Object.assign(command, verbs, { loaded: true });

  whenBodyIsThere(() => {
    const given = script.dataset.site ?? inPage?.dataset.site;
    if (given) boot({ site: given });
    for (const words of Array.from(early)) command(...(Array.from(words) as [string, ...unknown[]]));
  });

  function boot(options: { site?: string } = {}): void {
    site = options.site ?? script.dataset.site ?? site;
    if (launcher || !site) return;
    launcher = new Launcher(page);
    launcher.listen(() => void load().catch(() => {}), toggle);
    place();
    watcher = new MutationObserver(place);
    watcher.observe(document.documentElement, { childList: true });
    if (page || remembered("open", () => sessionStorage)) open();
    else if (remembered("room", () => localStorage)) void connect();
    events.emit("ready");
  }

  // Client-side navigation may replace the body, and us with it.
  function place(): void {
    if (!launcher || launcher.element.isConnected) return;
    ((page && inPage) || document.body).append(launcher.element);
    watcher?.observe(document.body, { childList: true });
  }

  function open(): void {
    if (isOpen || !launcher) return;
    isOpen = true;
    void connect();
  }

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    panel?.close();
    settle("close");
  }

  function toggle(): void {
    if (isOpen) close();
    else open();
  }

  function show(): void {
    if (launcher) launcher.shown = true;
  }

  function hide(): void {
    close();
    if (launcher) launcher.shown = false;
  }

  function shutdown(): void {
    close();
    panel?.destroy();
    watcher?.disconnect();
    launcher?.element.remove();
    panel = launcher = watcher = null;
  }

  async function connect(): Promise<void> {
    const here = launcher;
    try {
      const { mount } = await load();
      if (!here || here !== launcher) return;
      here.notice = "";
      panel ??= mount(hostFor(here));
      if (isOpen) {
        panel.open();
        settle("open");
      }
    } catch (error) {
      isOpen = false;
      if (here) here.notice = words.unreachable;
      setTimeout(() => {
        if (here) here.notice = "";
      }, 6000);
      events.emit("error", error);
    }
  }

  function settle(event: "open" | "close"): void {
    if (launcher) launcher.open = isOpen;
    remember("open", isOpen && !page);
    events.emit(event);
  }

  function load(): Promise<{ mount(host: Host): Panel }> {
    if (loading) return loading;
    // A page that outlived an update asks by the stable name; the query gets past a failure the browser remembers.
    const name = failed ? `panel.js?${Date.now()}` : __PANEL__;
    const module: Promise<{ mount(host: Host): Panel }> = import(/* @vite-ignore */ new URL(name, base).href);
    loading = module;
    module.catch(() => {
      failed = true;
      loading = null;
    });
    return module;
  }

  function hostFor(launcher: Launcher): Host {
    return {
      root: launcher.root,
      server: base.origin,
      site,
      page,
      light: (lit) => {
        launcher.lit = lit;
        events.emit("status", lit);
      },
      unread: (count) => {
        launcher.unread = count;
        events.emit("unread", count);
      },
      close: () => {
        close();
        launcher.focus();
      },
      emit: (event, detail) => events.emit(event, detail),
    };
  }

  // Storage may be forbidden: then the widget merely forgets.
  function remembered(name: string, storage: () => Storage): boolean {
    try {
      return storage().getItem(storagePrefix(site) + name) !== null;
    } catch {
      return false;
    }
  }

  function remember(name: string, yes: boolean): void {
    try {
      if (yes) sessionStorage.setItem(storagePrefix(site) + name, "1");
      else sessionStorage.removeItem(storagePrefix(site) + name);
    } catch {}
  }
}

function whenBodyIsThere(task: () => void): void {
  if (document.body) task();
  else document.addEventListener("DOMContentLoaded", task, { once: true });
}

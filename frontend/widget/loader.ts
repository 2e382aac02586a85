import { makeEvents } from "./events";
import { type Host, type Panel, storagePrefix } from "./host";
import { Launcher } from "./launcher";
import { launcher as words } from "./strings";

declare const __PANEL__: string;

type Command = (verb: string, ...rest: unknown[]) => unknown;
type PanelModule = { mount(host: Host): Panel };
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

// Browsers older than constructable style sheets get no chat, and no error either.
if (script && !window.Porchlight?.loaded && "replaceSync" in CSSStyleSheet.prototype) start(script);

function start(script: HTMLScriptElement): void {
  const base = new URL(".", script.src);
  const events = makeEvents();
  const place = document.getElementById("porchlight");
  const page = (script.dataset.mode ?? place?.dataset.mode) === "page";

  let site = "";
  let launcher: Launcher | null = null;
  let panel: Panel | null = null;
  let loading: Promise<PanelModule> | null = null;
  let failed = false;
  let isOpen = false;
  let watcher: MutationObserver | null = null;

  const verbs = { boot, open: () => open(), close, toggle, show, hide, shutdown, on: events.on, off: events.off };
  const command: Porchlight = (verb, ...rest) => (verbs as Record<string, Command>)[verb]?.(...(rest as [string]));
  const early = window.Porchlight?.q ?? [];
  window.Porchlight = Object.assign(command, verbs, { loaded: true });

  whenBodyIsThere(() => {
    boot();
    for (const words of Array.from(early)) command(...(Array.from(words) as [string]));
  });

  function boot(options: { site?: string } = {}): void {
    site = options.site ?? script.dataset.site ?? place?.dataset.site ?? site;
    if (launcher || !site) return;
    launcher = new Launcher(page);
    launcher.listen(() => void load().catch(() => {}), toggle);
    watcher = new MutationObserver(attach);
    watcher.observe(document.documentElement, { childList: true });
    attach();
    const before = recall();
    if (page || before === "open") open(page);
    else if (before) void connect();
    events.emit("ready");
  }

  // Client-side navigation may replace the body, and us with it.
  function attach(): void {
    if (!launcher || launcher.element.isConnected) return;
    (place ?? document.body).append(launcher.element);
    watcher?.observe(document.body, { childList: true });
  }

  function open(focus = true): void {
    if (isOpen || !launcher) return;
    isOpen = true;
    void connect(focus);
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
    panel = launcher = null;
  }

  async function connect(focus?: boolean): Promise<void> {
    const here = launcher;
    if (!here) return;
    try {
      const { mount } = await load();
      if (here !== launcher) return;
      here.notice = "";
      panel ??= mount(hostFor(here));
      if (!isOpen) return;
      panel.open(focus ?? true);
      settle("open");
    } catch (error) {
      isOpen = false;
      here.notice = words.unreachable;
      setTimeout(() => {
        here.notice = "";
      }, 6000);
      events.emit("error", error);
    }
  }

  function settle(event: "open" | "close"): void {
    if (launcher) launcher.open = isOpen;
    events.emit(event);
  }

  function load(): Promise<PanelModule> {
    if (loading) return loading;
    // A page that outlived an update asks by the stable name; the query gets past a failure the browser remembers.
    const name = failed ? `panel.js?${Date.now()}` : __PANEL__;
    const module: Promise<PanelModule> = import(/* @vite-ignore */ new URL(name, base).href);
    module.catch(() => {
      failed = true;
      loading = null;
    });
    loading = module;
    return module;
  }

  function hostFor(launcher: Launcher): Host {
    return {
      root: launcher.root,
      server: base.origin,
      site,
      page,
      emit: events.emit,
      shutdown,
      light(lit) {
        launcher.lit = lit;
        events.emit("status", lit);
      },
      unread(count) {
        launcher.unread = count;
        events.emit("unread", count);
      },
      close() {
        close();
        launcher.focus();
      },
    };
  }

  // Whether the panel was open on the page before, or a conversation is unfinished.
  function recall(): "open" | "room" | undefined {
    const prefix = storagePrefix(site);
    try {
      // A panel that covered the last page does not cover the next.
      if (innerWidth > 480 && sessionStorage.getItem(`${prefix}open`)) return "open";
      if (localStorage.getItem(`${prefix}room`)) return "room";
    } catch {
      // Storage may be forbidden: then the widget merely forgets.
    }
    return undefined;
  }
}

function whenBodyIsThere(task: () => void): void {
  if (document.body) task();
  else document.addEventListener("DOMContentLoaded", task, { once: true });
}

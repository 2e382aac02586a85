import { effect, signal } from "@preact/signals";
import { render } from "preact";
import lampCss from "../shared/lamp.css?inline";
import { Refusal } from "../shared/refusal";
import { localStore } from "../shared/storage";
import ticksCss from "../shared/ticks.css?inline";
import tokensCss from "../shared/tokens.css?inline";
import { Chat } from "./chat";
import composerCss from "./css/composer.css?inline";
import panelCss from "./css/panel.css?inline";
import threadCss from "./css/thread.css?inline";
import { type Host, type Panel, storagePrefix } from "./host";
import { PanelView } from "./view/Panel";
import { followViewport } from "./viewport";

/** Draws the panel into the launcher's shadow root, hidden, and connects it. */
export function mount(host: Host): Panel {
  const { root, server, site, page } = host;
  const chat = new Chat({ server, site, storage: localStore(), emit: (event, detail) => host.emit(event, detail) });
  const shown = signal<"hidden" | "quietly" | "focused">("hidden");
  const container = document.createElement("div");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(tokensCss + lampCss + ticksCss + panelCss + threadCss + composerCss);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  root.append(container);
  render(<PanelView chat={chat} shown={shown} onClose={page ? null : () => host.close()} />, container);

  const ends = [
    effect(() => host.light(chat.online.value && chat.online.value.length > 0)),
    effect(() => host.unread(chat.unread.value)),
    effect(() => complain(chat, host)),
    followViewport(root.host as HTMLElement),
    onReturn(() => chat.start()),
    // What ends the chat in one tab, such as a sign-out of the page around it, ends it in all.
    chat.channel.listen(({ type }) => {
      if (type !== "shutdown" || !host.shutdown) return;
      // Nothing is said back: an echo would end what the first tab has begun since.
      chat.channel.close();
      host.shutdown();
    }),
  ];
  chat.start();

  return {
    open: (focus) => {
      shown.value = focus ? "focused" : "quietly";
      rememberOpen(site, !page);
      chat.start();
    },
    close: () => {
      shown.value = "hidden";
      rememberOpen(site, false);
    },
    destroy: () => {
      chat.channel.post({ type: "shutdown" });
      for (const end of ends) end();
      chat.stop();
      render(null, container);
      container.remove();
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet);
    },
  };
}

// The loader of the next page looks for it.
function rememberOpen(site: string, open: boolean): void {
  const key = `${storagePrefix(site)}open`;
  try {
    if (open) sessionStorage.setItem(key, "1");
    else sessionStorage.removeItem(key);
  } catch {
    // Storage may be forbidden: then the panel is closed on the next page.
  }
}

// Who put the widget on the page must learn why it does not work there; visitors read a plainer sentence.
function complain({ socket }: Chat, host: Host): void {
  if (socket.state.value !== "stopped" || !(socket.stopReason instanceof Refusal)) return;
  const { code, detail } = socket.stopReason;
  host.emit("error", { code, detail });
  // biome-ignore lint/suspicious/noConsole: the owner's only clue
  console.warn(`Porchlight: ${detail || code}`);
}

// A window that another one replaced takes its place back when somebody looks at it.
function onReturn(task: () => void): () => void {
  const listener = () => document.hidden || task();
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}

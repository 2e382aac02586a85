import { type Tab, tab } from "./browser";

/** What a page's script gets as `BroadcastChannel`. */
export class TabChannel extends EventTarget {
  onmessage: ((event: MessageEvent) => void) | null = null;
  readonly name: string;
  readonly #tab: Tab = tab();

  constructor(name: string) {
    super();
    this.name = name;
    this.#tab.browser.channels.add(this);
    this.#tab.abort.signal.addEventListener("abort", () => this.close());
  }

  postMessage(data: unknown): void {
    // A page that is gone tells nobody that it went.
    if (this.#tab.abort.signal.aborted) return;
    this.#tab.browser.channels.post(this, data);
  }

  close(): void {
    this.#tab.browser.channels.remove(this);
  }

  hear(data: unknown): void {
    setTimeout(() =>
      this.#tab.run(() => {
        const event = new MessageEvent("message", { data });
        this.onmessage?.(event);
        this.dispatchEvent(event);
      }),
    );
  }
}

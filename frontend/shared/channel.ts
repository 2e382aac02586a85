import { uuid } from "./uuid";

/** What one tab of a browser says to the others. Hints only: whoever hears nothing finds out by looking. */
export interface Channel {
  /** This tab's name among them. */
  readonly tab: string;
  post(message: object): void;
  /** Returns the function that stops listening. Listeners take whatever comes, also from other versions. */
  listen(listener: (message: Record<string, unknown>) => void): () => void;
  close(): void;
}

/** The channel of that name between the tabs of this browser and origin; silent where there is none. */
export function channelOf(name: string): Channel {
  const tab = uuid();
  const listeners = new Set<(message: Record<string, unknown>) => void>();
  let channel: BroadcastChannel | null = null;
  try {
    channel = new BroadcastChannel(name);
    // Node waits for open channels before it exits.
    (channel as { unref?(): void }).unref?.();
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data !== "object" || data === null) return;
      for (const listener of listeners) listener(data as Record<string, unknown>);
    };
  } catch {
    // Old browsers and sandboxed frames have none.
  }
  return {
    tab,
    post(message) {
      try {
        channel?.postMessage({ ...message, tab });
      } catch {
        // A closed channel: this page is on its way out.
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => channel?.close(),
  };
}

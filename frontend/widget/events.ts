import type { EventName } from "./host";

type Listener = (detail: unknown) => void;

export interface Events {
  /** Returns the function that stops listening. */
  on(event: string, listener: Listener): () => void;
  off(event: string, listener: Listener): void;
  emit(event: EventName, detail?: unknown): void;
}

/** Who listens to the widget on the host page. A listener that throws harms nobody else. */
export function makeEvents(): Events {
  const listeners: Record<string, Listener[]> = {};
  const off = (event: string, listener: Listener) => {
    listeners[event] = (listeners[event] ?? []).filter((other) => other !== listener);
  };
  return {
    on(event, listener) {
      off(event, listener);
      listeners[event]?.push(listener);
      return () => off(event, listener);
    },
    off,
    emit(event, detail) {
      for (const listener of listeners[event] ?? []) {
        try {
          listener(detail);
        } catch (error) {
          reportError(error);
        }
      }
    },
  };
}

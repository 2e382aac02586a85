import type { EventName } from "./host";

type Listener = (detail: unknown) => void;

/** Who listens to the widget on the host page. A listener that throws harms nobody else. */
export class Events {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Returns the function that stops listening. */
  on(event: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => this.off(event, listener);
  }

  off(event: string, listener: Listener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  emit(event: EventName, detail?: unknown): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        reportError(error);
      }
    }
  }
}

import { effect, type ReadonlySignal, type Signal } from "@preact/signals";
import type { SocketState } from "./socket";

// Most drops heal within a second; saying so would only worry.
const PATIENCE_MS = 1_500;

/** Sets `cutOff` once the connection has been gone for a moment, until it is back. Returns the function that ends it. */
export function noticeCutOff(state: ReadonlySignal<SocketState>, cutOff: Signal<boolean>): () => void {
  return effect(() => {
    if (state.value !== "offline") {
      cutOff.value = false;
      return;
    }
    const timer = setTimeout(() => {
      cutOff.value = true;
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  });
}

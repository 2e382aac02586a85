import { useEffect, useState } from "preact/hooks";
import { CLOSE_REPLACED } from "../../shared/protocol";
import type { Chat } from "../chat";
import { panel as words } from "../strings";

// Most drops heal within a second; saying so would only worry.
const PATIENCE_MS = 1_500;

/** Says when the connection is gone, and what happens to what is written meanwhile. */
export function Notice({ chat }: { chat: Chat }) {
  const state = chat.socket.state.value;
  const late = useLate(state === "offline", PATIENCE_MS);
  const queued = chat.timeline.value?.pending.some((pending) => pending.state === "queued") ?? false;
  if (state === "stopped" && chat.socket.stopReason === CLOSE_REPLACED) {
    return (
      <div class="notice-bar" role="status">
        {words.elsewhere}{" "}
        <button type="button" class="link" onClick={() => chat.start()}>
          {words.useHere}
        </button>
      </div>
    );
  }
  return (
    <div class="notice-bar" role="status">
      {state === "stopped" ? words.unavailable : late ? sentence(navigator.onLine === false, queued) : ""}
    </div>
  );
}

function sentence(offline: boolean, queued: boolean): string {
  if (offline) return queued ? words.offline : words.offlineIdle;
  return queued ? words.unreachableQueued : words.unreachable;
}

/** True once `on` has lasted for `ms`. */
function useLate(on: boolean, ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!on) return;
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [on, ms]);
  return on && late;
}

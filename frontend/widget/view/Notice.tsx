import type { Chat } from "../chat";
import { panel as words } from "../strings";

/** Says when the connection is gone, and what happens to what is written meanwhile. */
export function Notice({ chat }: { chat: Chat }) {
  const state = chat.socket.state.value;
  const queued = chat.timeline.value?.pending.some((pending) => pending.state === "queued") ?? false;
  if (state === "stopped" && !chat.refused.value) {
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
      {sentence(chat, queued)}
    </div>
  );
}

function sentence(chat: Chat, queued: boolean): string {
  if (chat.refused.value) return chat.timeline.value ? words.unavailable : "";
  const unkept = chat.outbox.unkept.value;
  if (!chat.cutOff.value) return unkept ? words.unkept : "";
  if (navigator.onLine === false) return unkept ? words.offlineUnkept : queued ? words.offline : words.offlineIdle;
  return unkept ? words.unreachableUnkept : queued ? words.unreachableQueued : words.unreachable;
}

import type { Chat } from "../chat";
import { panel as words } from "../strings";
import { Lantern } from "./Lantern";

/** What stands there before the first word. */
export function Opening({ chat }: { chat: Chat }) {
  const online = chat.online.value;
  const lit = online !== null && online.length > 0;
  if (chat.refused.value) {
    return (
      <div class="opening">
        <Lantern lit={false} />
        <p class="greeting">{words.unavailable}</p>
        <p class="quiet">{words.unavailableHint}</p>
      </div>
    );
  }
  return (
    <div class="opening">
      <Lantern lit={lit} />
      <p class="greeting" dir="auto">
        {chat.site.value?.greeting || words.hello}
      </p>
      <p class="quiet">{online?.length === 0 ? words.startAway : words.startHere}</p>
    </div>
  );
}

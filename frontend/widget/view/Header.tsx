import { Lamp } from "../../shared/Lamp";
import type { Person } from "../../shared/protocol";
import { cleanName } from "../../shared/text";
import type { Chat } from "../chat";
import { panel as words } from "../strings";
import { Face } from "./Face";
import { Icon } from "./Icon";

const FACES = 3;
const NAMED = 2;

/** Whose chat this is, and whether somebody is there. */
export function Header({ chat, onClose }: { chat: Chat; onClose: (() => void) | null }) {
  const online = chat.online.value;
  const status = online ? whoIsThere(online) : connectionOf(chat);
  const lit = online !== null && online.length > 0;
  return (
    <header class="header">
      {lit && (
        <span class="faces">
          {online.slice(0, FACES).map((who) => (
            <Face key={who.ref} who={who} />
          ))}
        </span>
      )}
      <div class="heading">
        <h2 class="name">
          <bdi>{chat.site.value?.name ?? (chat.refused.value ? words.untitled : "")}</bdi>
        </h2>
        <p class="status">
          {online && <Lamp lit={lit} label={lit ? words.here : words.away} />}
          <span class="status-words" title={status}>
            {status}
          </span>
        </p>
      </div>
      {onClose && (
        <button type="button" class="tool" aria-label={words.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      )}
    </header>
  );
}

function whoIsThere(online: readonly Person[]): string {
  const names = online.map(({ name }) => cleanName(name));
  if (names.length === 0) return words.away;
  const [first = "", second] = names;
  if (names.length > NAMED || names.includes("")) return words.here;
  return second === undefined ? words.hereNamed(first) : words.hereBoth(first, second);
}

function connectionOf(chat: Chat): string {
  if (chat.refused.value) return words.notHere;
  if (chat.socket.state.value === "stopped") return "";
  return chat.cutOff.value ? words.reconnecting : words.connecting;
}

import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { cleanBody, excessOf } from "../../shared/body";
import { useSecondsLeft } from "../../shared/useSecondsLeft";
import type { Chat } from "../chat";
import { panel as words } from "../strings";
import { Icon } from "./Icon";

const LINES = 6;

/** Where the customer writes. Enter sends, Shift+Enter breaks the line; on a touch keyboard Enter breaks it. */
export function Composer({ chat, field }: { chat: Chat; field: RefObject<HTMLTextAreaElement | null> }) {
  const { draft } = chat;
  const excess = excessOf(cleanBody(draft));
  const blocked = excess > 0 || cleanBody(draft) === "";

  useLayoutEffect(() => grow(field.current), [draft]);

  const send = () => {
    if (blocked) return;
    chat.send(draft);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {excess > 0 && (
        <p class="excess" role="status">
          {words.tooLong(excess)}
        </p>
      )}
      <Slow until={chat.outbox.slowUntil.value} />
      <div class="field">
        <textarea
          ref={field}
          rows={1}
          // Without words "auto" means left to right, whatever the page is.
          dir={draft === "" ? undefined : "auto"}
          aria-label={words.compose}
          aria-invalid={excess > 0}
          placeholder={words.compose}
          value={draft}
          enterkeyhint="enter"
          autocomplete="off"
          onInput={({ currentTarget }) => chat.typed(currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="send" aria-label={words.send} aria-disabled={blocked}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

/** Why the last texts are still waiting. A screen reader hears it once, from the announcer. */
function Slow({ until }: { until: number | null }) {
  const seconds = useSecondsLeft(until);
  return until === null ? null : (
    <p class="slow" aria-hidden="true">
      {words.tooFast(seconds)}
    </p>
  );
}

// Grows with the words, up to six lines.
function grow(textarea: HTMLTextAreaElement | null): void {
  // Hidden, it has no size to measure; one line is right until it is shown.
  if (!textarea?.clientHeight) return;
  textarea.style.blockSize = "auto";
  const { lineHeight, paddingBlockStart, paddingBlockEnd } = getComputedStyle(textarea);
  const padding = Number.parseFloat(paddingBlockStart) + Number.parseFloat(paddingBlockEnd);
  const most = Number.parseFloat(lineHeight) * LINES + padding;
  textarea.style.blockSize = `${Math.min(textarea.scrollHeight, most)}px`;
  textarea.style.overflowY = textarea.scrollHeight > most ? "auto" : "hidden";
}

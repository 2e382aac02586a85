import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { inkOn } from "../../shared/contrast";
import type { Chat } from "../chat";
import { PANEL_ID } from "../host";
import { panel as words } from "../strings";
import { Announcer } from "./Announcer";
import { Composer } from "./Composer";
import { cycleFocus } from "./cycleFocus";
import { Header } from "./Header";
import { Notice } from "./Notice";
import { Thread } from "./Thread";

const FULL_SCREEN = "(max-width: 480px)";

interface Props {
  chat: Chat;
  /** `quietly` when it stays open from the page before and takes no focus. */
  shown: ReadonlySignal<"hidden" | "quietly" | "focused">;
  /** Null on the hosted page, where there is nothing to close. */
  onClose: (() => void) | null;
}

/** The whole panel: a region beside the page, or a dialog when it covers it. */
export function PanelView({ chat, shown, onClose }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const section = useRef<HTMLElement>(null);
  const visible = shown.value !== "hidden";
  const covering = onClose !== null && matchMedia(FULL_SCREEN).matches;

  useEffect(() => {
    if (shown.value !== "focused") return;
    // On a phone the keyboard would cover what there is to read.
    if (matchMedia("(pointer: coarse)").matches) section.current?.focus();
    else field.current?.focus();
  }, [shown.value]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.isComposing && onClose) {
      event.stopPropagation();
      onClose();
    }
    if (event.key === "Tab" && covering && section.current) cycleFocus(event, section.current);
  };
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: modal only as a dialog
    <section
      ref={section}
      id={PANEL_ID}
      class={onClose ? "panel" : "panel page"}
      hidden={!visible}
      tabIndex={-1}
      role={covering ? "dialog" : "region"}
      aria-modal={covering || undefined}
      aria-label={words.chat(chat.site.value?.name ?? "")}
      style={brandOf(chat.site.value?.color ?? "")}
      onKeyDown={onKeyDown}
    >
      <Header chat={chat} onClose={onClose} />
      <Notice chat={chat} />
      <Thread chat={chat} visible={visible} />
      {!chat.refused.value && <Composer chat={chat} field={field} />}
      <Announcer chat={chat} />
    </section>
  );
}

function brandOf(color: string): Record<string, string> {
  const ink = inkOn(color);
  return ink ? { "--pl-brand": color, "--pl-on-brand": ink } : {};
}

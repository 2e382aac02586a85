import { useEffect } from "preact/hooks";
import type { Inbox } from "../state/inbox";
import { type Command, commandOf, isWriting } from "../state/shortcuts";

/** Listens for the keyboard's commands anywhere on the page. */
export function useShortcuts(inbox: Inbox): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // The sheet is modal, and closes itself.
      if (inbox.helpShown.peek()) return;
      const command = commandOf(event, isWriting(event.target));
      if (command !== null && run(inbox, command)) event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [inbox]);
}

/** Whether there was anything to do. */
function run(inbox: Inbox, command: Command): boolean {
  const { view, room } = inbox.route.peek();
  const timeline = room === null ? undefined : inbox.rooms.get(room)?.peek();
  switch (command) {
    case "next":
      inbox.step(1);
      return true;
    case "previous":
      inbox.step(-1);
      return true;
    case "help":
      inbox.helpShown.value = true;
      return true;
    case "back":
      if (room === null) return false;
      inbox.go({ view, room: null });
      return true;
    case "note":
      inbox.writing.mode.value = inbox.writing.mode.peek() === "note" ? "reply" : "note";
      return true;
    case "claim":
      if (room !== null && timeline?.loaded && timeline.owner === null && timeline.status === "open") {
        inbox.verbs.ask(room, "claim");
      }
      return true;
    case "resolve":
      if (room !== null && timeline?.loaded) {
        inbox.verbs.ask(room, timeline.status === "resolved" ? "reopen" : "resolve");
      }
      return true;
  }
}

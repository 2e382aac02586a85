import { useEffect, useState } from "preact/hooks";
import type { Entry } from "../../shared/protocol";
import type { Chat } from "../chat";
import { panel as words } from "../strings";
import { nameOf } from "./GroupView";

// A screen reader that is interrupted by every message of a burst says nothing to the end.
const TOGETHER_MS = 1_000;

/** Says to a screen reader what others wrote just now; several at once are counted. */
export function Announcer({ chat }: { chat: Chat }) {
  const heard = chat.heard.value;
  const [waiting, setWaiting] = useState<Entry[]>([]);
  const [text, setText] = useState("");
  useEffect(() => {
    if (heard) setWaiting((entries) => [...entries, heard]);
  }, [heard]);
  useEffect(() => {
    if (waiting.length === 0) return;
    const timer = setTimeout(() => {
      const [first] = waiting;
      const only = waiting.length === 1 && first;
      setText(only ? words.said(nameOf(only.author), only.body) : words.newMessages(waiting.length));
      setWaiting([]);
    }, TOGETHER_MS);
    return () => clearTimeout(timer);
  }, [waiting]);
  return (
    <p class="hidden" role="status">
      {text}
    </p>
  );
}

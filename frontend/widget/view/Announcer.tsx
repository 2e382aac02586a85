import { useEffect, useState } from "preact/hooks";
import type { Entry } from "../../shared/protocol";
import { coarse } from "../../shared/useSecondsLeft";
import type { Chat } from "../chat";
import { panel as words } from "../strings";
import { nameOf } from "./GroupView";

// A screen reader that is interrupted by every message of a burst says nothing to the end.
const TOGETHER_MS = 1_000;
// Long enough to be said; what stays would be read again by who walks through the page.
const SAID_MS = 4_000;

/** Says to a screen reader what others wrote just now, several at once counted, and why a text still waits. */
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
  const slowUntil = chat.outbox.slowUntil.value;
  const isSlow = slowUntil !== null;
  useEffect(() => {
    if (slowUntil !== null) setText(words.tooFast(coarse((slowUntil - Date.now()) / 1000)));
  }, [isSlow]);
  useEffect(() => {
    if (text === "") return;
    const timer = setTimeout(() => setText(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p class="hidden" role="status">
      {text}
    </p>
  );
}

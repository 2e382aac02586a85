import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Inbox } from "../state/inbox";

export const InboxContext = createContext<Inbox | null>(null);

export function useInbox(): Inbox {
  const inbox = useContext(InboxContext);
  if (inbox === null) throw new Error("There is no inbox around this component.");
  return inbox;
}

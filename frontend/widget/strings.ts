import { MESSAGE_CHARACTERS, MESSAGES, MESSAGES_WINDOW_SECONDS } from "../shared/limits";

/** Words of the launcher, which are loaded on every page. */
export const launcher = {
  open: "Open chat",
  close: "Close chat",
  lit: "We're here",
  dark: "We're away, leave a message",
  unread: (count: number) => (count === 1 ? "1 unread message" : `${count} unread messages`),
  unreachable: "Chat can't be reached right now. Try again in a moment.",
};

/** Words of the panel. */
export const panel = {
  chat: (site: string) => `Chat with ${site}`,
  close: "Close chat",
  here: "We're here",
  hereNamed: (name: string) => `${name} can answer you now`,
  // Shorter, because there are two faces beside it.
  hereBoth: (one: string, other: string) => `${one} and ${other} are here`,
  away: "We're away. Leave a message.",
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  hello: "How can we help?",
  startHere: "Write to us and we'll answer right here.",
  startAway: "Nobody is here right now. Leave a message and you'll find our answer here.",
  messages: "Messages",
  you: "You",
  compose: "Write a message",
  send: "Send",
  tooLong: (excess: number) =>
    `The limit is ${MESSAGE_CHARACTERS.toLocaleString("en")} characters. This is ${excess.toLocaleString("en")} too many.`,
  tooFast: (seconds: number) =>
    `That was quick. The limit is ${MESSAGES} messages in ${MESSAGES_WINDOW_SECONDS} s. The rest is sent in ${seconds} s.`,
  queued: "Waiting to be sent",
  saved: "Sent",
  failed: "Not sent.",
  retry: "Retry",
  remove: "Delete",
  offline: "You're offline. We'll send this when you're back.",
  offlineIdle: "You're offline. We keep trying.",
  unreachable: "We can't be reached right now. We keep trying.",
  unreachableQueued: "We can't be reached right now. We'll send this as soon as we can.",
  elsewhere: "This chat is open in another window.",
  useHere: "Use it here",
  untitled: "Chat",
  notHere: "Not available here",
  unavailable: "Chat isn't available on this page.",
  unavailableHint: "Please reach us another way. If this is your own page, its browser console says what to change.",
  typing: (name: string) => `${name} is typing`,
  someone: "Somebody",
  newMessages: (count: number) => (count === 1 ? "1 new message" : `${count} new messages`),
  latest: "Go to the latest message",
  said: (name: string, body: string) => `${name}: ${body}`,
  joined: (name: string) => `${name} joined the conversation`,
  endedLine: "Conversation ended",
  reopenedLine: "Conversation reopened",
  ended: "This conversation has ended.",
  endedHint: "Write again to open it.",
  older: "Loading earlier messages",
  reasons: {
    too_big: "This message is too long.",
    bad_text: "This message has characters that we can't store.",
    not_allowed: "You can't write in this conversation.",
    no_such_room: "This conversation is no longer there.",
    internal: "We couldn't save this message.",
  } as Record<string, string>,
};

import { MESSAGE_CHARACTERS, MESSAGES, MESSAGES_WINDOW_SECONDS } from "../shared/limits";
import type { ErrorCode } from "../shared/protocol";
import type { Command } from "./state/shortcuts";
import type { Verb } from "./state/verbs";
import type { View } from "./state/views";

/** Every word the inbox says. */
export const strings = {
  brand: "Porchlight",
  inbox: "Inbox",
  title: (unread: number) => (unread > 0 ? `(${unread}) Inbox · Porchlight` : "Inbox · Porchlight"),

  views: "Views",
  view: { mine: "Mine", unassigned: "Unassigned", all: "All", resolved: "Resolved" } satisfies Record<View, string>,
  rooms: (count: number) => (count === 1 ? "1 conversation" : `${count} conversations`),

  online: "Online",
  away: "Away",
  offline: "Offline",
  youAreOnline: "You're online",
  onlineHint: "Customers see that you are here.",
  idle: "Away while idle",
  idleHint: "Nothing was touched here for five minutes. You're back when you are.",
  awayHint: "Customers do not count on you.",
  people: "Who is here",
  colleagues: "Colleagues",
  admin: "Admin",
  signOut: "Sign out",
  shortcuts: "Shortcuts",

  visitor: (id: string) => `Visitor ${id}`,
  somebody: "Somebody",
  here: "Here now",
  gone: "Not here",
  justGone: "Last here just now",
  lastHere: (time: string) => `Last here ${time}`,
  lastHereAgo: (duration: string) => `Last here ${duration} ago`,
  nameIsHere: (name: string) => `${name} is here`,
  nameIsGone: (name: string) => `${name} is not here`,

  yourLine: "You:",
  notConnected: "Not connected",
  lineOf: (name: string) => `${name}:`,
  noLine: "No message yet",
  unread: (count: number) => (count === 1 ? "1 unread message" : `${count} unread messages`),
  waiting: (time: string) => `Waiting ${time}`,
  waitingNew: "Waiting, just now",
  waitingNear: (time: string) => `Due soon, ${time}`,
  waitingPast: (time: string) => `Late, ${time}`,
  waitingSince: (exact: string) => `Waiting since ${exact}`,
  ownedBy: (name: string) => `Owner: ${name}`,
  loadingMore: "Loading more",

  empty: {
    mine: {
      title: "Nothing is yours yet",
      body: "Conversations you claim appear here. Open one under Unassigned and press Claim.",
    },
    unassigned: {
      title: "Nobody is waiting",
      body: "When a customer writes, the conversation appears here.",
    },
    all: {
      title: "No open conversations",
      body: "Every conversation that is not resolved appears here.",
    },
    resolved: {
      title: "Nothing resolved yet",
      body: "Press Resolve in a conversation when it is done, and it moves here. It comes back when the customer writes again.",
    },
  } satisfies Record<View, { title: string; body: string }>,
  tryIt: (site: string) => `Write something as a customer of ${site}`,

  noRoomTitle: "Choose a conversation",
  noRoomBody: "Who has waited longest is at the top of the list.",
  noRoomKeys: "moves through the list",
  missingTitle: "This conversation is not here",
  missingBody: "It was removed, or it belongs to a site you do not answer for.",
  backToList: "Back to the list",

  openRooms: "Open conversations",
  closeRoom: (name: string) => `Close ${name}`,
  conversation: (room: string) => `Conversation ${room}`,
  unowned: "Nobody has taken this",
  yours: "Yours",
  alsoHere: (names: string) => `Also here: ${names}`,
  resolved: "Resolved",

  verb: { claim: "Claim", resolve: "Resolve", reopen: "Reopen" } satisfies Record<Verb, string>,
  takenBy: (name: string) => `Taken by ${name}.`,
  takenByAnother: "Somebody else took this conversation first.",
  verbFailed: (verb: Verb, why: string) => `${strings.verb[verb]} did not work. ${why}`,
  dismiss: "Dismiss",
  tryAgain: "Try again",

  log: (name: string) => `Conversation with ${name}`,
  older: "Loading earlier messages",
  beginning: "The conversation began here.",
  news: "New messages",
  latest: "Jump to latest",
  latestNews: (count: number) => (count === 1 ? "1 new message" : `${count} new messages`),
  note: "Note",
  noteOf: (name: string) => `Note by ${name}. Customers do not see it.`,
  tookThis: (name: string) => `${name} took this conversation`,
  gaveThis: (name: string, owner: string) => `${name} gave this conversation to ${owner}`,
  putBack: (name: string) => `${name} put this conversation back`,
  resolvedBy: (name: string) => `Resolved by ${name}`,
  reopenedBy: (name: string) => `Reopened by ${name}`,
  wroteAgain: (name: string) => `Reopened because ${name} wrote again`,
  sending: "Sending",
  saved: "Saved",
  delivered: "Delivered",
  seen: "Seen",
  notSent: "Not sent.",
  retry: "Retry",
  discard: "Delete",
  typing: (name: string) => `${name} is typing`,
  typingMany: "Several people are typing",

  reply: "Reply",
  writeAs: "Write as",
  replyTo: (name: string) => `Reply to ${name}`,
  noteAbout: (name: string) => `Note about ${name}`,
  replyHint: "Write a reply",
  noteHint: "Write a note. Only your colleagues see it.",
  send: "Send",
  saveNote: "Save note",
  sendKeys: "Enter sends, Shift Enter makes a new line",
  tooLong: (by: number) =>
    `The limit is ${MESSAGE_CHARACTERS.toLocaleString("en")} characters. This is ${by.toLocaleString("en")} too many.`,
  tooFast: (seconds: number) =>
    `That was quick. The limit is ${MESSAGES} messages in ${MESSAGES_WINDOW_SECONDS} s. The rest is sent in ${seconds} s.`,
  unownedReply: "Nobody has taken this conversation. Claim it, so that only one of you answers.",
  ownedReply: (name: string) => `${name} owns this conversation. The customer sees your reply too.`,
  resolvedReply: "This conversation is resolved. A reply reopens it.",
  writingOffline: "You're offline. What you send goes out when you're back.",
  writingUnreachable: "The server can't be reached. What you send goes out when it's back.",

  unkept: "Not saved on this device. Keep this page open until it is sent.",
  offlineUnkept: "You're offline. Keep this page open: what you sent is not saved on this device.",
  unreachableUnkept: "The server can't be reached. Keep this page open: what you sent is not saved on this device.",

  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  offlineBanner: "You're offline",
  signedOutTitle: "You have been signed out",
  signedOutBody: "What you were writing is kept on this computer.",
  signIn: "Sign in again",
  stoppedTitle: "The inbox has stopped",
  notAllowed: "Your account may no longer use the inbox. Ask an admin.",
  replaced: "The inbox was opened somewhere else and continues there.",
  stoppedBody: "The server closed this connection for good.",
  reload: "Reload",

  newFrom: (name: string) => `New message from ${name}`,
  said: (name: string, text: string) => `${name}: ${text}`,
  moreNews: (count: number) => `${count} new messages`,

  shortcutsTitle: "Keyboard shortcuts",
  close: "Close",
  command: {
    next: "Next conversation",
    previous: "Previous conversation",
    claim: "Claim",
    resolve: "Resolve or reopen",
    note: "Switch between reply and note",
    back: "Back to the list",
    help: "This sheet",
  } satisfies Record<Command, string>,
  keys: {
    next: ["Alt", "J"],
    previous: ["Alt", "K"],
    claim: ["Alt", "C"],
    resolve: ["Alt", "E"],
    note: ["Alt", "P"],
    back: ["Esc"],
    help: ["?"],
  } satisfies Record<Command, string[]>,
  enterSends: "Send",
  shiftEnter: "New line",

  failure: (code: string | undefined, detail: string | undefined, retryAfter?: number | null): string =>
    code === "too_fast" && retryAfter
      ? `That was quick. It works again in ${Math.ceil(retryAfter)} s.`
      : (FAILURES[code as ErrorCode] ?? detail ?? ""),
};

const FAILURES: Partial<Record<ErrorCode, string>> = {
  too_big: `It is longer than ${MESSAGE_CHARACTERS.toLocaleString("en")} characters.`,
  bad_text: "It has characters that cannot be stored.",
  not_json: "It has characters that cannot be stored.",
  no_such_room: "This conversation is not here any more.",
  not_allowed: "Your role does not allow this.",
  too_fast: "That was quick. It works again in a moment.",
  unavailable: "The server cannot store anything right now.",
  internal: "The server failed.",
  client_id_reused: "Another message took its place.",
};

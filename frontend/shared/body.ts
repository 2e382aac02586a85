import { MESSAGE_CHARACTERS } from "./limits";

// What the server refuses to store: control characters but newline and tab.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSTORABLE = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** What was typed, as the server will store it: NFC, no control characters, no lone surrogates, trimmed. */
export function cleanBody(typed: string): string {
  return typed
    .replace(/\r\n?/g, "\n")
    .replace(UNSTORABLE, "")
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .normalize("NFC")
    .trim();
}

/** How many characters a body has too many, as the server counts them: by code point. */
export function excessOf(body: string): number {
  return Math.max(0, [...body].length - MESSAGE_CHARACTERS);
}

export type Command = "next" | "previous" | "resolve" | "claim" | "note" | "back" | "help";

type Press = Pick<KeyboardEvent, "code" | "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey" | "isComposing">;

// By the key's place, not its letter: with Alt held, layouts and macOS type something else.
const WITH_ALT: Readonly<Record<string, Command>> = {
  KeyJ: "next",
  KeyK: "previous",
  KeyE: "resolve",
  KeyC: "claim",
  KeyP: "note",
};

/** What a key press asks for; `writing` when the focus is in a field, where plain keys are words. */
export function commandOf(press: Press, writing: boolean): Command | null {
  if (press.isComposing || press.ctrlKey || press.metaKey) return null;
  if (press.altKey) return press.shiftKey ? null : (WITH_ALT[press.code] ?? null);
  if (press.key === "Escape") return "back";
  return press.key === "?" && !writing ? "help" : null;
}

/** Whether keys pressed on this element are words. */
export function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("textarea, input, select, [contenteditable]") !== null;
}

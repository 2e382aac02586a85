import { describe, expect, it } from "vitest";
import { commandOf, isWriting } from "./shortcuts";

const press = (init: KeyboardEventInit) => new KeyboardEvent("keydown", init);

describe("shortcuts", () => {
  it("go by the key's place, whatever letter the layout types", () => {
    expect(commandOf(press({ altKey: true, code: "KeyJ", key: "∆" }), false)).toBe("next");
    expect(commandOf(press({ altKey: true, code: "KeyK", key: "л" }), false)).toBe("previous");
    expect(commandOf(press({ altKey: true, code: "KeyE", key: "´" }), false)).toBe("resolve");
    expect(commandOf(press({ altKey: true, code: "KeyC", key: "ç" }), false)).toBe("claim");
    expect(commandOf(press({ altKey: true, code: "KeyP", key: "π" }), false)).toBe("note");
  });

  it("with Alt work while writing, plain ones do not", () => {
    expect(commandOf(press({ altKey: true, code: "KeyE" }), true)).toBe("resolve");
    expect(commandOf(press({ key: "?", shiftKey: true, code: "Slash" }), true)).toBeNull();
    expect(commandOf(press({ key: "?", shiftKey: true, code: "Slash" }), false)).toBe("help");
  });

  it("leave the browser's and AltGr's own combinations alone", () => {
    expect(commandOf(press({ altKey: true, ctrlKey: true, code: "KeyE", key: "€" }), false)).toBeNull();
    expect(commandOf(press({ metaKey: true, code: "KeyK" }), false)).toBeNull();
    expect(commandOf(press({ altKey: true, shiftKey: true, code: "KeyJ" }), false)).toBeNull();
    expect(commandOf(press({ code: "KeyJ", key: "j" }), false)).toBeNull();
  });

  it("do not interrupt the composing of a character", () => {
    expect(commandOf(press({ key: "Escape", isComposing: true }), true)).toBeNull();
  });

  it("go back with Escape, also from the composer", () => {
    expect(commandOf(press({ key: "Escape", code: "Escape" }), true)).toBe("back");
  });

  it("know a field by where the focus is", () => {
    expect(isWriting(document.createElement("textarea"))).toBe(true);
    expect(isWriting(document.createElement("button"))).toBe(false);
    expect(isWriting(null)).toBe(false);
  });
});

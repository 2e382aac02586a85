import { expect, test } from "vitest";
import { cleanBody, excessOf } from "./body";
import { cleanName, initialsOf, isOnlyEmoji, piecesOf } from "./text";
import { uuid } from "./uuid";

function links(body: string): (string | undefined)[] {
  return piecesOf(body).flatMap(({ href }) => (href ? [href] : []));
}

test("pieces put together are the body, when no host is disguised", () => {
  for (const body of ["", "plain", "see https://example.com/a?b=c#d.", "a\nwww.example.com\nb", "(mailto:a@b.c)"]) {
    expect(
      piecesOf(body)
        .map(({ text }) => text)
        .join(""),
    ).toBe(body);
  }
});

test("http, https and mailto become links, and www. means https", () => {
  expect(links("http://a.example https://b.example/x mailto:c@d.example www.e.example")).toEqual([
    "http://a.example/",
    "https://b.example/x",
    "mailto:c@d.example",
    "https://www.e.example/",
  ]);
});

test.each(["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "vbscript:x", "file:///etc/passwd"])(
  "%s stays text",
  (body) => expect(piecesOf(body)).toEqual([{ text: body }]),
);

test("markup stays text", () => {
  expect(piecesOf("<img src=x onerror=alert(1)>")).toEqual([{ text: "<img src=x onerror=alert(1)>" }]);
});

test("the end of a sentence is not part of the link", () => {
  expect(links("Is it https://a.example/b? Yes (https://a.example/c_(d)), https://a.example/e.")).toEqual([
    "https://a.example/b",
    "https://a.example/c_(d)",
    "https://a.example/e",
  ]);
});

test("a host in look-alike letters is shown as punycode", () => {
  expect(piecesOf("https://аpple.com/x")).toEqual([
    { text: "https://xn--pple-43d.com/x", href: "https://xn--pple-43d.com/x" },
  ]);
});

test("one to three emoji alone are told from words", () => {
  for (const emoji of ["👍", "👩‍👩‍👧", "🇩🇪", "👍🏽🎉", "❤️", "1️⃣"]) expect(isOnlyEmoji(emoji), emoji).toBe(true);
  for (const words of ["", "a", "1", "👍 ok", "👍👍👍👍"]) expect(isOnlyEmoji(words), words).toBe(false);
});

test("names lose what reorders the text around them", () => {
  expect(cleanName(" Ali\u202ece\u2066 ")).toBe("Alice");
});

test("initials are the first letters of the first and the last word", () => {
  expect(["Alice", "alice b. cooper", "", "李 小龙"].map(initialsOf)).toEqual(["A", "AC", "", "李小"]);
});

test("a body is cleaned to what the server stores", () => {
  expect(cleanBody("  a\r\nb\u0000\u0007\tc\ud800 e\u0301  ")).toBe("a\nb\tc\ufffd é");
});

test("length counts code points, as the server does", () => {
  expect(excessOf("👍".repeat(4000))).toBe(0);
  expect(excessOf("👍".repeat(4001))).toBe(1);
});

test("ids are random UUIDs of version 4", () => {
  expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(uuid()).not.toBe(uuid());
});

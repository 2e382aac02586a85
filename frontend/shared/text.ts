/** A piece of a message: words, or a link that is safe to follow. */
export interface Piece {
  text: string;
  href?: string;
}

const LINK = /(?:https?:\/\/|mailto:|www\.)[^\s<>"'`]+/gi;
const PROTOCOLS = new Set(["http:", "https:", "mailto:"]);
// Punctuation that ends the sentence and not the address.
const TRAILING = /[.,:;!?…]+$/;
const INVISIBLE = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]/g;
const PICTURE = "\\p{Extended_Pictographic}(?:\\ufe0f|\\p{Emoji_Modifier})?";
const EMOJI = new RegExp(
  `^(?:\\p{Regional_Indicator}{2}|[0-9#*]\\ufe0f?\\u20e3|${PICTURE}(?:\\u200d${PICTURE})*){1,3}$`,
  "u",
);

/** The body in pieces, in order. Links are http, https or mailto; their hosts are shown in punycode. */
export function piecesOf(body: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: found, index } of body.matchAll(LINK)) {
    const link = linkOf(found);
    if (!link) continue;
    if (index > end) pieces.push({ text: body.slice(end, index) });
    pieces.push(link.piece);
    end = index + link.length;
  }
  if (end < body.length) pieces.push({ text: body.slice(end) });
  return pieces;
}

/** Whether the body is nothing but one to three emoji, which are shown large. */
export function isOnlyEmoji(body: string): boolean {
  return EMOJI.test(body);
}

/** A name without the invisible characters that reorder the text around it. */
export function cleanName(name: string): string {
  return name.replace(INVISIBLE, "").trim();
}

/** One or two letters that stand for a name. */
export function initialsOf(name: string): string {
  const words = cleanName(name).split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toLocaleUpperCase();
}

function linkOf(found: string): { piece: Piece; length: number } | null {
  const address = withoutTrail(found);
  try {
    const url = new URL(/^www\./i.test(address) ? `https://${address}` : address);
    if (!PROTOCOLS.has(url.protocol) || !(url.host || url.pathname)) return null;
    return { piece: { text: shown(address, url), href: url.href }, length: address.length };
  } catch {
    return null;
  }
}

function withoutTrail(found: string): string {
  const address = found.replace(TRAILING, "");
  const last = address.at(-1);
  // A closing bracket belongs to the address only when it opened there: "(see https://example.com/a_(b))".
  if (
    (last === ")" && count(address, "(") < count(address, ")")) ||
    (last === "]" && count(address, "[") < count(address, "]"))
  )
    return withoutTrail(address.slice(0, -1));
  return address;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

// A host in other letters may look like a well-known one.
function shown(address: string, url: URL): string {
  return /[^\x20-\x7e]/.test(address) && url.host.includes("xn--") ? url.href : address;
}

import { isOnlyEmoji, piecesOf } from "./text";

/** A message's body as nodes: links can be followed safely, everything else is text in its own direction. */
export function Body({ text }: { text: string }) {
  return (
    <div class={isOnlyEmoji(text) ? "pl-body pl-body-emoji" : "pl-body"} dir="auto">
      {piecesOf(text).map(({ text, href }) =>
        href ? (
          <a href={href} target="_blank" rel="noopener noreferrer nofollow">
            {text}
          </a>
        ) : (
          text
        ),
      )}
    </div>
  );
}

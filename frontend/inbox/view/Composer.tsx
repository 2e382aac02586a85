import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { cleanBody, excessOf } from "../../shared/body";
import type { Person } from "../../shared/protocol";
import type { Timeline } from "../../shared/timeline";
import { nameOf } from "../state/names";
import type { Mode } from "../state/writing";
import { strings } from "../strings";
import { useInbox } from "./context";

interface Props {
  room: string;
  timeline: Timeline | undefined;
  customer: Person;
}

const MODES: readonly Mode[] = ["reply", "note"];

/** Where replies and notes are written; each keeps its own draft. */
export function Composer({ room, timeline, customer }: Props) {
  const { verbs, writing } = useInbox();
  const mode = writing.mode.value;
  const isReady = writing.ready.value;
  const text = writing.draft(room, mode);
  const field = useRef<HTMLTextAreaElement>(null);
  const excess = excessOf(cleanBody(text));
  const name = nameOf(customer);
  // While claiming is the thing to do, sending is not the primary action of the view.
  const isPrimary = mode === "note" || timeline?.owner !== null || timeline.status === "resolved";

  useLayoutEffect(() => fitHeight(field.current), [text]);
  useEffect(() => {
    // A phone's keyboard would cover what was opened to be read.
    if (matchMedia("(pointer: fine)").matches) field.current?.focus({ preventScroll: true });
  }, []);

  const write = (typed: string) => {
    writing.keepDraft(room, mode, typed);
    if (mode === "note") return;
    if (typed.trim() === "") writing.typing.stopped();
    else writing.typing.typed(room);
  };
  const send = () => {
    if (excess === 0 && timeline?.loaded && writing.say(room, mode, text)) {
      verbs.forgetRefusal(room);
    }
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // On a touch keyboard Enter is the only way to a new line. Safari ends a composition with key code 229.
    const isSend = event.key === "Enter" && !event.shiftKey && !event.altKey && !event.isComposing;
    if (!isSend || event.keyCode === 229 || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      class={`composer composer-${mode}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="composer-box">
        <textarea
          ref={field}
          rows={2}
          // Without words "auto" means left to right, whatever the page is.
          dir={text === "" ? undefined : "auto"}
          value={text}
          readOnly={!isReady}
          aria-label={mode === "note" ? strings.noteAbout(name) : strings.replyTo(name)}
          aria-describedby={excess > 0 ? "composer-excess" : undefined}
          aria-invalid={excess > 0}
          placeholder={mode === "note" ? strings.noteHint : strings.replyHint}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <div class="composer-foot">
          {/* biome-ignore lint/a11y/useSemanticElements: two buttons, not fields of a form */}
          <div class="modes" role="group" aria-label={strings.writeAs}>
            {MODES.map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={each === mode}
                title={each === "note" ? strings.keys.note.join(" ") : undefined}
                onClick={() => {
                  writing.mode.value = each;
                  field.current?.focus();
                }}
              >
                {strings[each]}
              </button>
            ))}
          </div>
          {excess > 0 && (
            <span class="excess" id="composer-excess">
              {strings.tooLong(excess)}
            </span>
          )}
          <button
            type="submit"
            class={isPrimary && text.trim() !== "" ? "button button-primary" : "button"}
            disabled={text.trim() === "" || excess > 0 || !timeline?.loaded}
            title={strings.sendKeys}
          >
            {mode === "note" ? strings.saveNote : strings.send}
          </button>
        </div>
      </div>
    </form>
  );
}

function fitHeight(field: HTMLTextAreaElement | null): void {
  if (field === null) return;
  field.style.blockSize = "auto";
  field.style.blockSize = `${field.scrollHeight}px`;
}

import { useEffect, useRef } from "preact/hooks";
import type { Command } from "../state/shortcuts";
import { strings } from "../strings";
import { useInbox } from "./context";
import { Icon } from "./Icon";

const COMMANDS: readonly Command[] = ["next", "previous", "claim", "resolve", "note", "back", "help"];

/** Every shortcut, on `?`. */
export function ShortcutSheet() {
  const { helpShown } = useInbox();
  const dialog = useRef<HTMLDialogElement>(null);
  const isShown = helpShown.value;
  useEffect(() => {
    if (isShown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isShown]);
  const close = () => {
    helpShown.value = false;
  };
  return (
    <dialog class="sheet" ref={dialog} aria-labelledby="sheet-title" onClose={close}>
      <header>
        <h2 id="sheet-title">{strings.shortcutsTitle}</h2>
        <button type="button" class="icon-button" aria-label={strings.close} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {COMMANDS.map((command) => (
          <Shortcut key={command} words={strings.command[command]} keys={strings.keys[command]} />
        ))}
        <Shortcut words={strings.enterSends} keys={["Enter"]} />
        <Shortcut words={strings.shiftEnter} keys={["Shift", "Enter"]} />
      </dl>
    </dialog>
  );
}

function Shortcut({ words, keys }: { words: string; keys: readonly string[] }) {
  return (
    <div>
      <dt>{words}</dt>
      <dd>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dd>
    </div>
  );
}

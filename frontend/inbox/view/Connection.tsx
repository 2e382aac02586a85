import { useEffect, useState } from "preact/hooks";
import { CLOSE_REPLACED } from "../../shared/protocol";
import { Refusal } from "../../shared/refusal";
import { strings } from "../strings";
import { useInbox } from "./context";

// Most losses heal before anybody could read about them.
const PATIENCE_MS = 1_000;

/** Says that the connection is gone, when it stays gone. */
export function ConnectionBanner() {
  const state = useInbox().socket.state.value;
  const isDown = state === "offline" || state === "connecting";
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    setShown(false);
    if (!isDown) return;
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isDown]);
  return (
    <div class="banner-place" role="status">
      {isShown && isDown && (
        <span class="banner">{state === "offline" ? strings.reconnecting : strings.connecting}</span>
      )}
    </div>
  );
}

/** Takes the inbox' place when it cannot come back by itself. */
export function Stopped() {
  const { socket } = useInbox();
  const reason = socket.stopReason;
  if (reason instanceof Refusal) {
    return (
      <main class="stopped">
        <h1>{strings.signedOutTitle}</h1>
        <p class="quiet">{strings.signedOutBody}</p>
        <a class="button button-primary" href="/sign-in/?next=/inbox/">
          {strings.signIn}
        </a>
      </main>
    );
  }
  return (
    <main class="stopped">
      <h1>{strings.stoppedTitle}</h1>
      <p class="quiet">{whyStopped(reason)}</p>
      <button type="button" class="button button-primary" onClick={() => location.reload()}>
        {strings.reload}
      </button>
    </main>
  );
}

function whyStopped(code: number | null): string {
  if (code === CLOSE_REPLACED) return strings.replaced;
  return code === 4003 ? strings.notAllowed : strings.stoppedBody;
}

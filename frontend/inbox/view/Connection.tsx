import { CLOSE_REPLACED } from "../../shared/protocol";
import { Refusal } from "../../shared/refusal";
import type { Inbox } from "../state/inbox";
import { strings } from "../strings";
import { useInbox } from "./context";

/** Says that the connection is gone, when it stays gone. Where it is shown is the list's business. */
export function ConnectionBanner() {
  const words = connectionWords(useInbox());
  return words === "" ? null : (
    <p class="banner" aria-hidden="true">
      {words}
    </p>
  );
}

/** The same for a screen reader, whichever pane is shown. */
export function ConnectionStatus() {
  return (
    <div class="hidden" role="status">
      {connectionWords(useInbox())}
    </div>
  );
}

function connectionWords({ cutOff, socket }: Inbox): string {
  if (!cutOff.value) return "";
  if (socket.state.value === "connecting") return strings.connecting;
  return navigator.onLine === false ? strings.offlineBanner : strings.reconnecting;
}

/** Takes the inbox' place when it cannot come back by itself. */
export function Stopped() {
  const { socket, writing } = useInbox();
  const reason = socket.stopReason;
  if (reason instanceof Refusal) {
    return (
      <main class="stopped">
        <h1>{strings.signedOutTitle}</h1>
        {writing.keeps && <p class="quiet">{strings.signedOutBody}</p>}
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

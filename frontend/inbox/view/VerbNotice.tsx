import { RETRYABLE } from "../../shared/protocol";
import type { Deed } from "../state/verbs";
import { strings } from "../strings";
import { useInbox } from "./context";
import { Icon } from "./Icon";

/** Why a claim, a resolve or a reopen did not happen. */
export function VerbNotice({ room }: { room: string }) {
  const { verbs } = useInbox();
  const deed = verbs.deeds.value.get(room);
  if (deed?.state !== "refused") return null;
  return (
    <div class="notice" role="alert">
      <span>{whyOf(deed)}</span>
      {deed.code !== null && RETRYABLE.has(deed.code) && (
        <button type="button" class="link" onClick={() => verbs.ask(room, deed.verb)}>
          {strings.tryAgain}
        </button>
      )}
      <button type="button" class="icon-button" aria-label={strings.dismiss} onClick={() => verbs.forget(room)}>
        <Icon name="close" />
      </button>
    </div>
  );
}

export function whyOf({ verb, code, detail, retryAfter }: Deed): string {
  if (code === "already_owned") return detail === "" ? strings.takenByAnother : strings.takenBy(detail);
  return strings.verbFailed(verb, strings.failure(code ?? undefined, detail, retryAfter));
}

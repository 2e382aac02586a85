import { addressOf } from "../state/route";
import { strings } from "../strings";
import { BigLamp } from "./BigLamp";
import { useInbox } from "./context";

/** Stands in the third pane while no conversation is chosen. */
export function NoRoom() {
  return (
    <div class="placeholder">
      <BigLamp />
      <h2>{strings.noRoomTitle}</h2>
      <p class="quiet">{strings.noRoomBody}</p>
      <p class="quiet keys-hint">
        <kbd>Alt</kbd> <kbd>J</kbd> <kbd>K</kbd> {strings.noRoomKeys}
      </p>
    </div>
  );
}

export function MissingRoom() {
  const { route } = useInbox();
  return (
    <div class="placeholder" role="alert">
      <h2>{strings.missingTitle}</h2>
      <p class="quiet">{strings.missingBody}</p>
      <a class="button" href={addressOf({ view: route.value.view, room: null })}>
        {strings.backToList}
      </a>
    </div>
  );
}

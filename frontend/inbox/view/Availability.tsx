import { Lamp } from "../../shared/Lamp";
import { strings } from "../strings";
import { useInbox } from "./context";
import { Name } from "./Name";

/** This agent's own lamp, and the switch for it. */
export function Availability() {
  const inbox = useInbox();
  const me = inbox.people.me.value;
  const isConnected = inbox.socket.state.value === "online";
  const isOnline = isConnected && me.state === "online";
  const isIdle = isOnline && inbox.people.idle.value;
  const state = !isConnected ? strings.notConnected : isIdle ? strings.idle : isOnline ? strings.online : strings.away;
  return (
    <div class="availability">
      <Lamp lit={isOnline && !isIdle} label={state} />
      <div class="availability-words">
        <span class="availability-name">
          <Name of={me} />
        </span>
        <span class="quiet" id="availability-hint">
          {state}
        </span>
      </div>
      <button
        type="button"
        role="switch"
        class="switch"
        aria-checked={isOnline}
        aria-label={strings.youAreOnline}
        title={isIdle ? strings.idleHint : isOnline ? strings.onlineHint : strings.awayHint}
        disabled={!isConnected}
        onClick={() => inbox.setAvailability(isOnline ? "away" : "online")}
      >
        <span class="switch-knob" />
      </button>
    </div>
  );
}

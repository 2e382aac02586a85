import { Lamp } from "../../shared/Lamp";
import { addressOf } from "../state/route";
import { VIEWS } from "../state/views";
import { strings } from "../strings";
import { Account, type Page } from "./Account";
import { Availability } from "./Availability";
import { Colleagues } from "./Colleagues";
import { useInbox } from "./context";

/** The first pane: the views with their counts; below them who is there. */
export function Side({ page }: { page: Page }) {
  return (
    <div class="side">
      <Brand />
      <Views />
      <section class="people" aria-label={strings.people}>
        <Colleagues />
        <Availability />
        <Account page={page} />
      </section>
    </div>
  );
}

function Brand() {
  const { lit, known } = useInbox().people;
  const state = !known.value ? strings.notConnected : lit.value ? strings.online : strings.away;
  return (
    <header class="brand">
      <Lamp lit={lit.value} label={state} />
      <span>{strings.brand}</span>
    </header>
  );
}

function Views() {
  const { route, listing } = useInbox();
  const shown = route.value.view;
  const counts = listing.counts.value;
  return (
    <nav class="views" aria-label={strings.views}>
      <ul>
        {VIEWS.map((view) => (
          <li key={view}>
            <a href={addressOf({ view, room: null })} aria-current={view === shown ? "page" : undefined}>
              <span class="view-name">{strings.view[view]}</span>{" "}
              <span class="view-count">{counts === null ? "" : counts[view]}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

import { render } from "preact";
import "../shared/tokens.css";
import "../shared/lamp.css";
import "../shared/ticks.css";
import "./css/page.css";
import "./css/controls.css";
import "./css/side.css";
import "./css/people.css";
import "./css/rooms.css";
import "./css/thread.css";
import "./css/log.css";
import "./css/entries.css";
import "./css/composer.css";
import { Inbox } from "./state/inbox";
import { App } from "./view/App";
import { InboxContext } from "./view/context";

const root = document.getElementById("inbox");
if (root !== null) {
  const inbox = new Inbox();
  inbox.start();
  const page = { csrf: root.dataset.csrf ?? "", isAdmin: root.dataset.admin === "yes" };
  render(
    <InboxContext.Provider value={inbox}>
      <App page={page} />
    </InboxContext.Provider>,
    root,
  );
}

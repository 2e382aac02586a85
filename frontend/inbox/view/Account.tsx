import type { Inbox } from "../state/inbox";
import { strings } from "../strings";
import { useInbox } from "./context";

/** What the page that carries the inbox says. */
export interface Page {
  readonly csrf: string;
  readonly isAdmin: boolean;
}

export function Account({ page }: { page: Page }) {
  const inbox = useInbox();
  return (
    <div class="account">
      <button
        type="button"
        class="link"
        onClick={() => {
          inbox.helpShown.value = true;
        }}
      >
        {strings.shortcuts}
      </button>
      {page.isAdmin && (
        <a class="link" href="/admin/">
          {strings.admin}
        </a>
      )}
      <form
        method="post"
        action="/sign-out/"
        onSubmit={(event) => {
          event.preventDefault();
          void signOut(event.currentTarget, inbox);
        }}
      >
        <input type="hidden" name="csrfmiddlewaretoken" value={page.csrf} />
        <button type="submit" class="link">
          {strings.signOut}
        </button>
      </form>
    </div>
  );
}

// Not by leaving the page, so that the other tabs hear of it when it is done and not before.
async function signOut(form: HTMLFormElement, inbox: Inbox): Promise<void> {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(
    () => null,
  );
  if (answer?.type !== "opaqueredirect") {
    // The browser says best what is wrong.
    form.submit();
    return;
  }
  inbox.signedOut();
  location.assign("/sign-in/?next=/inbox/");
}

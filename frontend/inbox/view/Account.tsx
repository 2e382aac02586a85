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
      <form method="post" action="/sign-out/">
        <input type="hidden" name="csrfmiddlewaretoken" value={page.csrf} />
        <button type="submit" class="link">
          {strings.signOut}
        </button>
      </form>
    </div>
  );
}

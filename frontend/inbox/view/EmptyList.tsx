import type { SiteCard } from "../../shared/protocol";
import type { View } from "../state/views";
import { strings } from "../strings";
import { BigLamp } from "./BigLamp";

/** Says what will appear in a view, and how to make it. */
export function EmptyList({ view, sites }: { view: View; sites: readonly SiteCard[] }) {
  const { title, body } = strings.empty[view];
  const site = view === "unassigned" || view === "all" ? sites[0] : undefined;
  return (
    <div class="empty">
      <BigLamp />
      <h3>{title}</h3>
      <p>{body}</p>
      {site !== undefined && (
        <p>
          <a class="link" href={`/chat/${site.key}`} target="_blank" rel="noopener">
            {strings.tryIt(site.name)}
          </a>
        </p>
      )}
    </div>
  );
}

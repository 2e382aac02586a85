import type { Drafts } from "../../shared/drafts";
import type { Storage } from "../../shared/storage";

/** Takes over, once, the drafts that older versions kept in localStorage. What was typed since counts more. */
export function takeOverDrafts(drafts: Drafts, storage: Storage, agent: string): void {
  const prefix = `porchlight.draft.${agent}.`;
  for (const key of storage.keys(prefix)) {
    const place = key.slice(prefix.length);
    try {
      const { at, text } = JSON.parse(storage.get(key) ?? "{}") as { at?: unknown; text?: unknown };
      if (typeof text === "string" && drafts.get(place) === "") drafts.set(place, text, Number(at) || 0);
    } catch {
      // Not written here.
    }
    storage.remove(key);
  }
  drafts.write();
}

import { isPending } from "./groups";
import type { Entry, Receipt } from "./protocol";
import type { Pending } from "./timeline";

/** `saved`: the server has it. `delivered`: it has reached the other side's device. `seen`: it was on their screen. */
export type Progress = "queued" | "failed" | "saved" | "delivered" | "seen";

/** How far a text of ours has got. Notes reach nobody else. */
export function progressOf(item: Entry | Pending, receipt: Receipt): Progress {
  if (isPending(item) && item.state !== "saved") return item.state;
  const { seq } = item;
  if (seq === undefined || item.kind === "note" || seq > receipt.delivered) return "saved";
  return seq > receipt.seen ? "delivered" : "seen";
}

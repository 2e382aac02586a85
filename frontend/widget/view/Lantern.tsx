import { LANTERN } from "../lantern";

/** The porch light itself, large. The words beside it say the same. */
export function Lantern({ lit }: { lit: boolean }) {
  return (
    <svg class={lit ? "lantern-large lit" : "lantern-large"} viewBox="0 0 24 24" aria-hidden="true">
      {lit && <path class="glass" d={LANTERN.glass} />}
      <path d={LANTERN.frame} />
      {lit && <path d={LANTERN.rays} />}
    </svg>
  );
}

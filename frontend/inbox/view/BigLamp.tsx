import { useInbox } from "./context";

/** The lamp as a picture, where there is nothing else to see; as truthful as the small ones. */
export function BigLamp() {
  const lit = useInbox().people.lit.value;
  return <span class={lit ? "big-lamp big-lamp-lit" : "big-lamp"} aria-hidden="true" />;
}

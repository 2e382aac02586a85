/** Presence: lit when somebody is really there. Says so in words, and differs in shape, not in colour alone. */
export function Lamp({ lit, label }: { lit: boolean; label: string }) {
  return <span class={lit ? "pl-lamp pl-lamp-lit" : "pl-lamp"} role="img" aria-label={label} title={label} />;
}

const PATHS = {
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  close: "M6 6l12 12M18 6 6 18",
  down: "M12 5v14M5.5 12.5 12 19l6.5-6.5",
  queued: "M12 7.5V12l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  failed: "M12 8v5M12 16.2v.1M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
} as const;

/** A drawing in the colour of the words around it. Without a label it says nothing to a screen reader. */
export function Icon({ name, label }: { name: keyof typeof PATHS; label?: string }) {
  const described = label ? { role: "img" as const, "aria-label": label } : { "aria-hidden": true };
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: labelled, or hidden
    <svg class="icon" viewBox="0 0 24 24" {...described}>
      <path d={PATHS[name]} />
    </svg>
  );
}

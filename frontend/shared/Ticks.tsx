/** One tick, two, or two on a lit ground: three shapes, and a label. */
export function Ticks({ of, label }: { of: "saved" | "delivered" | "seen"; label: string }) {
  return (
    <span class={`pl-ticks pl-ticks-${of}`} role="img" aria-label={label} title={label}>
      <svg viewBox="0 0 20 12" aria-hidden="true">
        {of === "seen" && <rect width="20" height="12" rx="6" />}
        {of !== "saved" && <path d="M4 6.4 6.3 8.7 10.8 3.6" />}
        <path d={of === "saved" ? "M8.6 6.4l2.3 2.3 5.3-5.9" : "M9.6 7.9l.9.8 5-5.2"} />
      </svg>
    </span>
  );
}

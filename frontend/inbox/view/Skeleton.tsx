const ROWS = [0, 1, 2, 3, 4, 5];

/** Holds the place of what is loading; the style sheet shows it only after a moment. */
export function ListSkeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      {ROWS.map((row) => (
        <div class="skeleton-row" key={row}>
          <span class="skeleton-bar skeleton-name" />
          <span class="skeleton-bar skeleton-line" />
        </div>
      ))}
    </div>
  );
}

export function LogSkeleton() {
  return (
    <div class="skeleton skeleton-log" aria-hidden="true">
      <span class="skeleton-bar skeleton-theirs" />
      <span class="skeleton-bar skeleton-ours" />
      <span class="skeleton-bar skeleton-theirs" />
    </div>
  );
}

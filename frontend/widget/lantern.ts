/** The porch light on a grid of 24: outlines, the glass that is filled when it is lit, and the rays that show it. */
export const LANTERN = {
  glass: "M7 9.4h10l-1 8H8z",
  rays: "M3.4 12.2l-2-.6M20.6 12.2l2-.6M4 15.8l-1.8.8M20 15.8l1.8.8",
  frame:
    "M9.6 4.1a2.4 2.4 0 0 1 4.8 0M5 9.4 8.6 5h6.8L19 9.4zM7 9.4l1 8M17 9.4l-1 8M6.2 17.4h11.6M8.4 17.4l.9 2.8h5.4l.9-2.8",
} as const;

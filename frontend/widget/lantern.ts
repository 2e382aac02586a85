/** The porch light on a grid of 24: outlines, the glass that is filled when it is lit, and the rays that show it. */
export const LANTERN = {
  frame: "M12 2v1.8M8.2 7.2 9.8 3.8h4.4l1.6 3.4M6.8 7.2h10.4M8 7.2l1 10.3h6l1-10.3M8.2 17.5h7.6M10 20.4h4",
  glass: "M8 7.2 9 17.5h6l1-10.3z",
  rays: "M3.6 10.6l-1.8-.7M20.4 10.6l1.8-.7M4.4 15.2l-1.7.9M19.6 15.2l1.7.9",
} as const;

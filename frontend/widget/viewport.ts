/**
 * Tells the panel how much of the screen the keyboard leaves, in `--pl-viewport-height` and `--pl-viewport-top`:
 * phones slide the keyboard over a page whose height stays. Returns the function that ends it.
 */
export function followViewport(element: HTMLElement): () => void {
  const viewport = window.visualViewport;
  if (!viewport) return () => {};
  const measure = () => {
    element.style.setProperty("--pl-viewport-height", `${viewport.height}px`);
    element.style.setProperty("--pl-viewport-top", `${viewport.offsetTop}px`);
  };
  measure();
  viewport.addEventListener("resize", measure);
  viewport.addEventListener("scroll", measure);
  return () => {
    viewport.removeEventListener("resize", measure);
    viewport.removeEventListener("scroll", measure);
  };
}

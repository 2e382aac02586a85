const FOCUSABLE = 'button, textarea, a[href], [tabindex="0"]';

/** Keeps Tab inside `container`: from the last control to the first, and back. */
export function cycleFocus(event: KeyboardEvent, container: HTMLElement): void {
  const controls = [...container.querySelectorAll<HTMLElement>(FOCUSABLE)];
  const [first, last] = [controls[0], controls.at(-1)];
  const active = (container.getRootNode() as ShadowRoot).activeElement;
  if (event.shiftKey ? active === first || active === container : active === last) {
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  }
}

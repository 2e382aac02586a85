/** What the loader lends the panel: a place on the page, and the launcher's lamp and badge. */
export interface Host {
  readonly root: ShadowRoot;
  /** The server's origin, such as `https://chat.example.com`. */
  readonly server: string;
  readonly site: string;
  /** The panel fills the page: there is no launcher, and nothing to close. */
  readonly page: boolean;
  /** Whether somebody is there; null while nobody knows. */
  light(lit: boolean | null): void;
  unread(count: number): void;
  /** The person closed the panel: focus goes back to the launcher. */
  close(): void;
  /** The chat was ended in another tab. Loaders of before have none. */
  shutdown?(): void;
  emit(event: EventName, detail?: unknown): void;
}

/** What `mount` gives back. Mounting connects; the panel stays hidden until `open`. */
export interface Panel {
  /** Shows the panel; `focus` unless it merely stays open from the page before. */
  open(focus: boolean): void;
  close(): void;
  destroy(): void;
}

export type EventName =
  | "ready"
  | "open"
  | "close"
  | "message:sent"
  | "message:received"
  | "unread"
  | "status"
  | "error";

export const PANEL_ID = "porchlight-panel";

/** The beginning of every key that this site's widget keeps in the browser. */
export function storagePrefix(site: string): string {
  return `porchlight:${site}:`;
}

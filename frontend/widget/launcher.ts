import css from "./css/launcher.css?inline";
import { PANEL_ID } from "./host";
import { LANTERN } from "./lantern";
import { launcher as words } from "./strings";

const SVG = "http://www.w3.org/2000/svg";

/** The lamp in the corner: a button in an open shadow root, in which the panel will live too. */
export class Launcher {
  readonly element = document.createElement("porchlight-chat");
  readonly root = this.element.attachShadow({ mode: "open" });
  readonly #button = document.createElement("button");
  readonly #lantern = drawing("lantern", LANTERN);
  readonly #chevron = drawing("chevron", { frame: "M6 9.5l6 6 6-6" });
  /** Until it is known whether somebody is there, neither lamp would be true. */
  readonly #speech = drawing("speech", { frame: "M5 5h14v11h-7l-4 4v-4H5z" });
  readonly #badge = document.createElement("span");
  readonly #notice = document.createElement("p");
  #lit: boolean | null = null;
  #unread = 0;
  #open = false;

  constructor(page: boolean) {
    this.element.toggleAttribute("data-page", page);
    this.root.adoptedStyleSheets = [sheet(css)];
    this.#button.type = "button";
    this.#button.className = "launcher";
    this.#button.setAttribute("aria-controls", PANEL_ID);
    this.#badge.className = "badge";
    this.#notice.className = "notice";
    this.#notice.setAttribute("role", "status");
    if (!page) this.root.append(this.#button, this.#notice);
    this.#describe();
  }

  /** Calls back when a person may be about to open the chat, and when they do. */
  listen(near: () => void, press: () => void): void {
    for (const event of ["pointerenter", "focus", "touchstart"]) {
      this.#button.addEventListener(event, near, { passive: true });
    }
    this.#button.addEventListener("click", press);
  }

  set lit(lit: boolean | null) {
    this.#lit = lit;
    this.#describe();
  }

  set unread(count: number) {
    this.#unread = count;
    this.#describe();
  }

  set open(open: boolean) {
    this.#open = open;
    this.#describe();
  }

  /** A short sentence beside the lamp; empty takes it away. */
  set notice(text: string) {
    this.#notice.textContent = text;
  }

  set shown(shown: boolean) {
    this.#button.hidden = !shown;
  }

  focus(): void {
    this.#button.focus();
  }

  #describe(): void {
    const { element } = this;
    element.toggleAttribute("data-open", this.#open);
    element.toggleAttribute("data-lit", this.#lit === true);
    element.toggleAttribute("data-unread", this.#unread > 0);
    const shown = this.#lit === null ? this.#speech : this.#lantern;
    this.#button.replaceChildren(this.#open ? this.#chevron : shown, this.#badge);
    this.#badge.textContent = this.#unread > 9 ? "9+" : `${this.#unread}`;
    this.#button.setAttribute("aria-expanded", `${this.#open}`);
    const label = [this.#open ? words.close : words.open];
    if (this.#unread) label.push(words.unread(this.#unread));
    if (this.#lit !== null) label.push(this.#lit ? words.lit : words.dark);
    this.#button.setAttribute("aria-label", label.join(". "));
  }
}

function sheet(text: string): CSSStyleSheet {
  const result = new CSSStyleSheet();
  result.replaceSync(text);
  return result;
}

function drawing(name: string, paths: Record<string, string>): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", name);
  svg.setAttribute("aria-hidden", "true");
  for (const [part, d] of Object.entries(paths)) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", part);
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

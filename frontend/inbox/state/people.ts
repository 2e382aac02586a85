import { computed, type Signal, signal } from "@preact/signals";
import type {
  AgentWelcome,
  AvailabilityChanged,
  Colleague,
  ColleagueChanged,
  CustomerPresence,
  RoomsPage,
  SiteCard,
} from "../../shared/protocol";

const LIT_FIRST: Record<Colleague["state"], number> = { online: 0, away: 1, offline: 2 };

/** Who is there: this agent, the others, and customers. */
export class People {
  readonly me = signal<Colleague>({ ref: "", name: "", state: "offline" });
  readonly myRef = computed(() => this.me.value.ref);
  /** Presence must be true: without a connection nobody can know who is there. */
  readonly known = signal(false);
  /** Nobody has touched this browser for a while: customers are told that this agent is away. */
  readonly idle = signal(false);
  readonly sites = signal<readonly SiteCard[]>([]);
  readonly #colleagues = signal<ReadonlyMap<string, Colleague>>(new Map());
  /** One signal each, so that a customer who comes or goes renders one lamp. */
  readonly #customers = new Map<string, Signal<boolean>>();
  readonly #leftAt = new Map<string, number>();

  /** The other agents, lit lamps first, then by name. */
  readonly colleagues = computed(() =>
    [...this.#colleagues.value.values()]
      .filter(({ ref }) => ref !== this.myRef.value)
      .sort((a, b) => LIT_FIRST[a.state] - LIT_FIRST[b.state] || a.name.localeCompare(b.name)),
  );

  /** Whether this agent counts as there. */
  readonly lights = computed(() => this.me.value.state === "online" && !this.idle.value);

  readonly lit = computed(
    () => this.known.value && (this.lights.value || this.colleagues.value.some(({ state }) => state === "online")),
  );

  welcomed(frame: AgentWelcome): void {
    this.me.value = frame.you;
    this.sites.value = frame.sites;
    this.#colleagues.value = new Map(frame.colleagues.map((each) => [each.ref, each]));
    const online = new Set(frame.customers_online);
    for (const [ref, here] of this.#customers) here.value = online.has(ref);
    for (const ref of online) this.#customer(ref).value = true;
  }

  /** A page of the list says it of its own rows; an older server does not. */
  listed({ rooms, present }: Pick<RoomsPage, "rooms" | "present">): void {
    if (!present) return;
    for (const { customer } of rooms) this.#customer(customer.ref).value = present.includes(customer.ref);
  }

  colleagueChanged({ colleague }: ColleagueChanged): void {
    // What is said of oneself is what others see; one's own choice has a frame of its own.
    if (colleague.ref === this.myRef.peek()) this.me.value = { ...this.me.peek(), name: colleague.name };
    else this.#colleagues.value = new Map(this.#colleagues.peek()).set(colleague.ref, colleague);
  }

  availabilityChanged({ state }: AvailabilityChanged): void {
    this.me.value = { ...this.me.peek(), state };
  }

  customerChanged({ ref, present }: CustomerPresence, now: number): void {
    if (!present) this.left(ref, now);
    this.#customer(ref).value = present;
  }

  /** A customer left, or at least one of their rooms. */
  left(ref: string, now: number): void {
    this.#leftAt.set(ref, now);
  }

  /** When a customer was seen to leave, since this page is here; null when nobody saw it. */
  leftAt(ref: string): number | null {
    this.#customer(ref).value;
    return this.#leftAt.get(ref) ?? null;
  }

  /** Whether a customer is there, as far as it is known. Reading it inside a component subscribes to this one only. */
  isHere(ref: string): boolean {
    return this.known.value && this.#customer(ref).value;
  }

  #customer(ref: string): Signal<boolean> {
    let here = this.#customers.get(ref);
    if (here === undefined) {
      here = signal(false);
      this.#customers.set(ref, here);
    }
    return here;
  }
}

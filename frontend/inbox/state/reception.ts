import type { Error as ErrorFrame, RoomSummary, ServerToAgent } from "../../shared/protocol";
import type { Inbox } from "./inbox";
import { isCustomer } from "./names";
import { newsOf } from "./news";

/** Takes what the server says to where it belongs; what a `welcome` means is the inbox' own business. */
export class Reception {
  readonly #inbox: Inbox;

  constructor(inbox: Inbox) {
    this.#inbox = inbox;
  }

  take(frame: Exclude<ServerToAgent, { type: "welcome" }>): void {
    const { book, history, idle, listing, open, people, rooms, time, verbs, writing } = this.#inbox;
    switch (frame.type) {
      case "heartbeat":
        idle.look();
        rooms.applyHeartbeat(frame);
        for (const [room, { texts }] of Object.entries(frame.marks ?? {})) book.markSeen(room, texts);
        break;
      case "ack":
        if (!writing.answer(frame)) verbs.answer(frame);
        rooms.apply(frame.room, frame);
        break;
      case "error":
        if (!writing.answer(frame) && !verbs.answer(frame)) this.#refused(frame);
        break;
      case "snapshot":
        open.answered(frame.snapshot.room);
        rooms.apply(frame.snapshot.room, frame);
        break;
      case "entry":
        if (frame.entry.kind === "status") verbs.forgetRefusal(frame.room);
        rooms.apply(frame.room, frame);
        break;
      case "history":
        history.answered(frame.room);
        rooms.apply(frame.room, frame);
        break;
      case "entries":
      case "receipt":
      case "typing":
        rooms.apply(frame.room, frame);
        break;
      case "room.presence":
        if (isCustomer(frame.who.ref) && !frame.present) people.left(frame.who.ref, time.now);
        rooms.apply(frame.room, frame);
        break;
      case "seen":
        book.markSeen(frame.room, frame.texts);
        rooms.apply(frame.room, frame);
        break;
      case "summary":
        this.#summaryChanged(frame.summary);
        break;
      case "rooms":
        listing.answered(frame);
        people.listed(frame);
        for (const summary of frame.rooms) this.#arrived(summary);
        break;
      case "colleague":
        people.colleagueChanged(frame);
        break;
      case "customer.presence":
        people.customerChanged(frame, time.now);
        break;
      case "availability.self":
        people.availabilityChanged(frame);
        break;
      default:
        // A newer server says more than this page understands: perhaps of the rooms.
        rooms.catchUp();
    }
  }

  #refused({ code }: ErrorFrame): void {
    const { history, idle, marks, open } = this.#inbox;
    if (code === "unknown_type") {
      idle.notUnderstood();
      marks.notUnderstood();
      return;
    }
    // It may have been the answer to a page of history: it can be asked for again.
    history.forget();
    open.refused(code);
  }

  #summaryChanged(summary: RoomSummary): void {
    const { announcer, book, listing, people, route, speaker } = this.#inbox;
    const move = book.learn(summary);
    this.#arrived(summary);
    if (move === null) return;
    listing.moved(move);
    const news = newsOf(move, people.myRef.peek(), route.peek().room);
    // Once per browser, and not once per tab.
    if (news !== null && speaker.speaks) announcer.say(news);
  }

  // The line in the list is the arrival of what it says.
  #arrived({ room, head, customer, last }: RoomSummary): void {
    if (last?.author.ref === customer.ref) this.#inbox.marks.arrived(room, head);
  }
}

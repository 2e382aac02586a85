import { beforeEach, expect, test } from "vitest";
import { alice, bob, carol } from "../testing/cast";
import { People } from "./people";

let people: People;

beforeEach(() => {
  people = new People();
  people.welcomed({
    type: "welcome",
    you: { ...alice, state: "online" },
    sites: [],
    colleagues: [
      { ...alice, state: "online" },
      { ...bob, state: "away" },
    ],
    customers_online: [carol.ref],
    epoch: "",
    at: 0,
  });
  people.known.value = true;
});

test("what others are told of an idle agent does not change the agent's own choice", () => {
  people.colleagueChanged({ type: "colleague", colleague: { ...alice, state: "away" } });
  expect(people.me.value.state).toBe("online");
  people.availabilityChanged({ type: "availability.self", state: "away" });
  expect(people.me.value.state).toBe("away");
});

test("who is idle lights no lamp", () => {
  expect(people.lit.value).toBe(true);
  people.idle.value = true;
  expect(people.lit.value).toBe(false);
});

test("remembers when a customer left", () => {
  expect(people.leftAt(carol.ref)).toBeNull();
  people.customerChanged({ type: "customer.presence", ref: carol.ref, present: false }, 5_000);
  expect(people.leftAt(carol.ref)).toBe(5_000);
  expect(people.isHere(carol.ref)).toBe(false);
});

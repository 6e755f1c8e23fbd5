/** Guests by name: what `console` finds, and what `up` ends with. */
import { findGuest } from "../../../cli/console";
import { guestsOf, summaryOf } from "../../../plan/guests";
import { planOf } from "../../support/stacks";
import { placed } from "../../support/placed";

const names = (...workstations: string[]): { name: string }[] =>
    placed(...workstations.map((name) => ({ name })));
const two = planOf({
    enclaves: [
        { name: "red", workstations: names("a", "b") },
        { name: "blue", workstations: names("a", "gateway") },
    ],
});
const guests = guestsOf(two);

test.each([
    ["red/a", "shop-dev-red-workstation-a"],
    ["red/gateway", "shop-dev-red-gateway"],
    ["b", "shop-dev-red-workstation-b"],
    ["shop-dev-blue-gateway", "shop-dev-blue-gateway"],
    ["shop-dev-blue-workstation-gateway", "shop-dev-blue-workstation-gateway"],
])("%s is %s", (wanted, domain) => {
    expect(findGuest(guests, wanted).domain).toBe(domain);
});

test.each([
    ["a", /2 guests are called a/, /name one of red\/a, blue\/a/],
    ["rde/b", /there is no guest rde\/b; the nearest is red\/b/, /console red\/b/],
    ["green", /there is no guest green$/, /name one of red\/gateway, /],
    ["blue/gateway", /there is no guest/, /name one of|console/], // two of that name go by their domains
])("%s is refused with the fix", (wanted, message, fix) => {
    expect(() => findGuest(guests, wanted)).toThrow(
        expect.objectContaining({ message: expect.stringMatching(message), fix: expect.stringMatching(fix) }),
    );
});

/** Lines of Pulumi's display: one for a text, and two more around a record. */
const lines = (value: unknown): number =>
    typeof value === "string"
        ? value.split("\n").length
        : 2 + Object.values(value as object).reduce((sum: number, part) => sum + lines(part), 0);

test("up of two enclaves ends with at most 20 lines: each guest, how to open it, what to do next", () => {
    const summary = summaryOf(two, "dev");
    // "Outputs:" is a line of its own.
    expect(
        1 + Object.values(summary).reduce((sum: number, part) => sum + lines(part), 0),
    ).toBeLessThanOrEqual(20);
    expect(Object.keys(summary.guests)).toEqual(guests.map(({ name }) => name));
    expect(summary.guests["red/a"]).toBe("10.152.152.11; bin/sallyport console red/a --stack dev");
    expect(summary.next).toBe("bin/sallyport plan --live --stack dev");
    // Pulumi unfolds a text that is JSON.
    [...Object.values(summary.guests), summary.next].forEach((text) => expect(text).not.toMatch(/[{[]/));
});

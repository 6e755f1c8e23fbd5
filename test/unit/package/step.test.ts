/** A step of the package runs bin/sallyport's steps and nothing else, whatever a program or a state says. */
import { Steps } from "../../../package/step";
import { UNKNOWN } from "../../../toolchain/command-plugin/resource";

const FILTER = "bin/sallyport define-filter --uri qemu:///system --name cell --rules 0123";
const GONE = "bin/sallyport remove-filter --uri qemu:///system --name cell";
const URN = "urn:pulumi:t::p::sallyport:index:Step::cell-filter";
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "true" };

const steps = (): { steps: Steps; ran: string[] } => {
    const ran: string[] = [];
    return {
        ran,
        steps: new Steps(async (_urn, line) => {
            ran.push(line);
            return { stdout: `said ${ran.length}`, stderr: "" };
        }),
    };
};

it("lives: runs its line at creation, again when it is another, and the last at its end", async () => {
    const { steps: all, ran } = steps();
    const inputs = { create: FILTER, delete: GONE, triggers: ["a"] };
    const made = await all.create(URN, inputs);
    expect(made).toEqual({ id: "cell-filter", outs: { ...inputs, stdout: "said 1", stderr: "" } });
    const later = { ...inputs, create: FILTER.replace("0123", "4567") };
    expect(all.diff(inputs, later)).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await all.update(URN, made.outs, later);
    expect(outs).toMatchObject({ create: later.create, stdout: "said 2" });
    // Only what happens at the end has changed: nothing runs, and what was printed stays.
    expect((await all.update(URN, outs, { ...later, delete: "true" })).outs).toMatchObject({
        stdout: "said 2",
    });
    await all.delete(URN, outs);
    expect(ran).toEqual([FILTER, later.create, GONE]);
});

it("is replaced for another trigger, and the same for the same", () => {
    const all = steps().steps;
    expect(all.diff({ create: "true", triggers: ["a"] }, { create: "true", triggers: ["b"] })).toMatchObject({
        changes: true,
        replaces: ["triggers"],
        deleteBeforeReplace: true,
    });
    // Outputs that the state holds beside are no difference.
    expect(all.diff({ create: "true", stdout: "x", stderr: "" }, { create: "true" }).changes).toBe(false);
});

it("takes what is not known before the update, and refuses to run it", async () => {
    const { steps: all, ran } = steps();
    const inputs = { create: "true", delete: UNKNOWN, triggers: [UNKNOWN] };
    expect(all.check(inputs).failures).toEqual([]);
    await expect(all.create(URN, inputs)).rejects.toThrow(/delete is not known/);
    expect(ran).toEqual([]);
});

it.each([
    [{ create: "rm -rf /" }],
    [{ create: `${FILTER}; rm x` }],
    [{ create: "bin/sallyport demo" }],
    [{ create: 7 }],
    [{ create: "true", interpreter: ["/bin/bash"] }],
    [{ create: "true", delete: "sh x" }],
    [{ create: SECRET }],
])("refuses %j", (inputs) => {
    expect(steps().steps.check(inputs).failures).toHaveLength(1);
});

it("runs nothing else of a state that was edited", async () => {
    const { steps: all, ran } = steps();
    await expect(all.delete(URN, { create: "true", delete: "rm -rf /" })).rejects.toThrow(
        /delete is "rm -rf/,
    );
    await expect(all.create(URN, { create: "rm -rf /" })).rejects.toThrow(/create is "rm -rf/);
    await expect(all.update(URN, {}, { create: "rm -rf /" })).rejects.toThrow(/create is "rm -rf/);
    expect(ran).toEqual([]);
});

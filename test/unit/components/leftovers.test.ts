import { makeWay, type Ask } from "../../../components/leftovers";

const URI = "qemu:///system?socket=/run/x";

/** A libvirt that answers one question and records all. */
function libvirt(question: string, answer: string | undefined): { ask: Ask; asked: string[] } {
    const asked: string[] = [];
    return {
        asked,
        ask: (words) => {
            asked.push(words.join(" "));
            return words.join(" ") === question ? answer : "";
        },
    };
}

it("does nothing when nothing is there", () => {
    const { ask, asked } = libvirt("domstate gw", undefined);
    makeWay("domain", { name: "gw" }, URI, "cell", ask);
    expect(asked).toEqual(["domstate gw"]);
});

it("removes the definition of a domain that never started", () => {
    const { ask, asked } = libvirt("domstate gw", "shut off\n\n");
    makeWay("domain", { name: "gw" }, URI, "cell", ask);
    expect(asked).toEqual(["domstate gw", "undefine gw"]);
});

it.each([
    ["domain", "domstate x", "running", "virsh -c 'qemu:///system?socket=/run/x' destroy x ; virsh -c 'qemu:///system?socket=/run/x' undefine x"],
    ["domain", "domstate x", "paused", "destroy x"],
    ["network", "net-info x", "Name: x", "net-destroy x ; .*net-undefine x"],
    ["pool", "pool-info x", "Name: x", "pool-destroy x ; .*pool-undefine x"],
    ["volume", "vol-info --pool p x", "Name: x", "vol-delete --pool p x"],
] as const)("refuses a %s that answers (%s, %s) and says what removes it", (kind, question, answer, commands) => {
    const { ask, asked } = libvirt(question, answer);
    expect(() => makeWay(kind, { name: "x", pool: "p" }, URI, "cell", ask)).toThrow(new RegExp(`${kind} x is at .* already.*way out: bin/sallyport orphans --stack cell .*${commands.replace(/[?]/g, "\\?")}`));
    expect(asked).toEqual([question]);
});

it("refuses what it can't name", () => {
    expect(() => makeWay("volume", { name: "x" }, URI, "cell", () => undefined)).toThrow(/without a plain name/);
    expect(() => makeWay("domain", {}, URI, "cell", () => undefined)).toThrow(/without a plain name/);
});

it("does not take a libvirt that is away for an empty one", () => {
    expect(() => makeWay("domain", { name: "x" }, "qemu:///system?socket=/nonexistent/socket", "cell")).toThrow(/did not answer.*way out/);
});

import { demoSession } from "../../../cli/demo/paths";
import { assertNoLeftover } from "../../../components/leftovers";
import { CLEANUP_HINT, cleanupHint } from "../../../components/cleanup-hint";
import type { Ask } from "../../../libvirt/client";

const URI = "qemu:///system?socket=/run/x";

/** A libvirt that answers one question and records all. */
function libvirt(question: string, answer: string | undefined): { ask: Ask; asked: string[] } {
    const asked: string[] = [];
    return {
        asked,
        ask: (words) => {
            if (words[0] === "list") {
                return Promise.resolve(
                    `other\n${answer === undefined ? "" : (question.split(" ").at(-1) ?? "")}\n`,
                );
            }
            asked.push(words.join(" "));
            return Promise.resolve(words.join(" ") === question ? answer : "");
        },
    };
}

it("does nothing when nothing is there", async () => {
    const { ask, asked } = libvirt("domstate gw", undefined);
    await assertNoLeftover("domain", { name: "gw" }, URI, "cell", ask);
    expect(asked).toEqual([]);
});

it("removes the definition of a domain that never started", async () => {
    const { ask, asked } = libvirt("domstate gw", "shut off\n\n");
    await assertNoLeftover("domain", { name: "gw" }, URI, "cell", ask);
    expect(asked).toEqual(["domstate gw", "undefine gw"]);
});

it.each([
    ["domain", "domstate x", "running"],
    ["domain", "domstate x", "paused"],
    ["network", "net-info x", "Name: x"],
    ["pool", "pool-info x", "Name: x"],
    ["volume", "vol-info --pool p x", "Name: x"],
] as const)(
    "refuses a %s that answers (%s, %s) and names the command that lists it",
    async (kind, question, answer) => {
        const { ask, asked } = libvirt(question, answer);
        await expect(assertNoLeftover(kind, { name: "x", pool: "p" }, URI, "cell", ask)).rejects.toThrow(
            `${kind} x is at ${URI} already and this stack's state does not know it; fix: bin/sallyport orphans --stack cell`,
        );
        expect(asked).toEqual([question]);
    },
);

it("names the command of the program that keeps the stack, where there is one", async () => {
    const { ask } = libvirt("net-info x", "Name: x");
    const said = (): Promise<void> => assertNoLeftover("network", { name: "x" }, URI, "demo", ask);
    expect(cleanupHint("demo", {})).toBe("bin/sallyport orphans --stack demo");
    const before = process.env["SALLYPORT_CLEANUP_HINT"];
    try {
        process.env["SALLYPORT_CLEANUP_HINT"] = demoSession().environment[CLEANUP_HINT];
        await expect(said()).rejects.toThrow(/; fix: make demo-down$/);
        process.env["SALLYPORT_CLEANUP_HINT"] = "";
        await expect(said()).rejects.toThrow(/; fix: bin\/sallyport orphans --stack demo$/);
    } finally {
        if (before === undefined) {
            delete process.env["SALLYPORT_CLEANUP_HINT"];
        } else {
            process.env["SALLYPORT_CLEANUP_HINT"] = before;
        }
    }
});

it("refuses what it can't name", async () => {
    await expect(
        assertNoLeftover("volume", { name: "x" }, URI, "cell", () => Promise.resolve(undefined)),
    ).rejects.toThrow(/without a plain name/);
    await expect(
        assertNoLeftover("domain", {}, URI, "cell", () => Promise.resolve(undefined)),
    ).rejects.toThrow(/without a plain name/);
});

it("does not take a libvirt that is away for an empty one", async () => {
    await expect(
        assertNoLeftover("domain", { name: "x" }, "qemu:///system?socket=/nonexistent/socket", "cell"),
    ).rejects.toThrow(/^virsh list --all --name at qemu.*nonexistent.*; fix: check that libvirtd runs there/);
});

describe("a volume that outlives its guest", () => {
    const inputs = { name: "s-default-workstation-ws1-home", pool: "s-default-data" };
    const question = `vol-info --pool ${inputs.pool} ${inputs.name}`;
    const info = (allocation: string): string =>
        `Name:           x\nType:           file\nCapacity:       8.00 GiB\nAllocation:     ${allocation}\n`;

    it("is removed where nothing was ever written into it", async () => {
        const { ask, asked } = libvirt(question, info("0.00 B"));
        await assertNoLeftover("volume", inputs, URI, "cell", ask);
        expect(asked).toEqual([question, `vol-delete --pool ${inputs.pool} ${inputs.name}`]);
    });

    it.each(["196.00 KiB", "0.50 B", "8.00 GiB", "", "unknown"])(
        "is left alone with %s in it",
        async (allocation) => {
            const { ask, asked } = libvirt(question, info(allocation));
            await expect(assertNoLeftover("volume", inputs, URI, "cell", ask)).rejects.toThrow(
                /with data, .* it is kept.*fix: go back to the state that knows it; or keep its content: virsh .* vol-download/,
            );
            expect(asked).toEqual([question]);
        },
    );

    it("is nothing of the kind under another name or in another pool", async () => {
        for (const other of [
            { ...inputs, pool: "s-default" },
            { ...inputs, name: "s-default-workstation-ws1-0123abcd.qcow2" },
            { ...inputs, name: "other-home" },
        ]) {
            const { ask } = libvirt(`vol-info --pool ${other.pool} ${other.name}`, info("0.00 B"));
            await expect(assertNoLeftover("volume", other, URI, "cell", ask)).rejects.toThrow(
                "does not know it; fix: bin/sallyport orphans",
            );
        }
    });
});

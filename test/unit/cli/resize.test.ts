import { planOf } from "../../../cli/live/lab-stack-config";
import { resize, settingFor, sizeInBytes, targetOf } from "../../../cli/resize";

const GIB = 2 ** 30;
const plan = planOf("s", {
    enclaves: [
        {
            name: "red",
            workstations: [
                { name: "a", address: "10.152.152.11" },
                { name: "b", address: "10.152.152.12", home: false },
            ],
        },
        { name: "blue", gateway: { state: { sizeMiB: 64 } } },
    ],
});

test("sizes have a unit", () => {
    expect(["16GiB", "512MiB", "1TiB"].map(sizeInBytes)).toEqual([16 * GIB, GIB / 2, 1024 * GIB]);
    for (const given of [
        "16",
        "16G",
        "GiB",
        "0GiB",
        "-1GiB",
        "1.5GiB",
        "16 GiB",
        "16GiB ",
        "17TiB",
        "99999999MiB",
    ]) {
        expect(() => sizeInBytes(given)).toThrow(`size: got "${given}"; allowed: a whole number with MiB`);
    }
});

test("a guest's volume is found with the setting of its size", () => {
    expect(targetOf(plan, "red/a")).toMatchObject({
        name: "red/a",
        domain: "sallyport-s-red-workstation-a",
        pool: "sallyport-s-red-data",
        file: "/var/lib/libvirt/images/sallyport-s-red-data/sallyport-s-red-workstation-a-home",
        setting: "enclaves[0].workstations[0].home.sizeGiB",
    });
    expect(targetOf(plan, "blue/gateway").setting).toBe("enclaves[1].gateway.state.sizeMiB");
    expect(() => targetOf(plan, "red/b")).toThrow("nothing of red/b is kept: its home is false");
    expect(() => targetOf(plan, "red/x")).toThrow("there is no guest red/x");
});

test("the setting is rounded up: a new volume is no smaller", () => {
    const [home, state] = [targetOf(plan, "red/a"), targetOf(plan, "blue/gateway")];
    expect([settingFor(home, 16 * GIB), settingFor(home, 16 * GIB + 1)]).toEqual([16, 17]);
    expect(settingFor(state, 512 * 2 ** 20)).toBe(512);
});

/** A libvirt with one volume. @param grows whether it does what it is told */
function libvirt(
    bytes: number,
    running: boolean,
    grows = true,
): { call: (args: readonly string[]) => Promise<string>; asked: string[]; size: () => number } {
    let size = bytes;
    const asked: string[] = [];
    return {
        asked,
        size: () => size,
        call: (args) => {
            const [verb] = args;
            if (verb === "vol-dumpxml") {
                return Promise.resolve(`<volume><capacity unit="bytes">${size}</capacity></volume>`);
            }
            if (verb === "list") {
                return Promise.resolve(running ? "other\nsallyport-s-red-workstation-a\n" : "other\n");
            }
            if (verb !== "pool-refresh") {
                asked.push(args.join(" "));
                size = grows ? Number(/ (\d+)B/.exec(args.join(" "))?.[1]) : size;
            }
            return Promise.resolve("");
        },
    };
}
const target = targetOf(plan, "red/a");

test("a guest that is off has its volume grow; one that runs, its disk", async () => {
    const off = libvirt(8 * GIB, false);
    await expect(resize(off.call, target, 16 * GIB)).resolves.toBe(8 * GIB);
    expect(off.asked).toEqual([
        "vol-resize sallyport-s-red-workstation-a-home 17179869184B --pool sallyport-s-red-data",
    ]);
    const on = libvirt(8 * GIB, true);
    await resize(on.call, target, 16 * GIB);
    expect(on.asked).toEqual([
        "blockresize sallyport-s-red-workstation-a /var/lib/libvirt/images/sallyport-s-red-data/sallyport-s-red-workstation-a-home 17179869184B",
    ]);
});

test("shrinking is refused and nothing is done; the same size is no change", async () => {
    const small = libvirt(8 * GIB, true);
    await expect(resize(small.call, target, 4 * GIB)).rejects.toMatchObject({
        message: "red/a: its volume has 8192 MiB, and would lose what is at its end; volumes only grow",
        fix: "copy what is needed elsewhere; or give a size of at least 8192MiB",
    });
    await expect(resize(small.call, target, 8 * GIB)).resolves.toBe(8 * GIB);
    expect([small.asked, small.size()]).toEqual([[], 8 * GIB]);
});

test("a size that did not come about is an error, and so is one that nobody tells", async () => {
    await expect(resize(libvirt(8 * GIB, false, false).call, target, 16 * GIB)).rejects.toThrow(
        "libvirt says that its volume has 8589934592 bytes",
    );
    await expect(resize(() => Promise.resolve("<volume/>"), target, 16 * GIB)).rejects.toThrow(
        "does not say how large",
    );
});

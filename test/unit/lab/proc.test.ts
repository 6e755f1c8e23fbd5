import fc from "fast-check";
import { mountPoints } from "../../../lab/own";
import {
    bootId,
    commandLine,
    identify,
    isAlive,
    memoryKiB,
    networkNamespaceOf,
    parseStat,
    seesAt,
} from "../../../util/proc";
import { partOf } from "../../../lab/status";

const numbers = Array.from({ length: 40 }, (_, i) => String(100 + i)).join(" ");

test("a command may hold parentheses and blanks", () => {
    fc.assert(
        fc.property(fc.stringMatching(/^[ -~]{1,15}$/), (command) => {
            expect(parseStat(`42 (${command}) S 7 ${numbers}\n`)).toEqual({
                command,
                state: "S",
                parent: 7,
                startTime: "117",
            });
        }),
    );
});

test.each(["", "42 S 7", "42 (x) S", `42 x) S 7 ${numbers}`])("%j is refused", (text) => {
    expect(() => parseStat(text)).toThrow(/not the format/);
});

test("this process is alive, and another start time is another process", () => {
    const self = identify(process.pid);
    expect(self && isAlive(self)).toBe(true);
    expect(isAlive({ pid: process.pid, startTime: "1" })).toBe(false);
    expect(identify(2 ** 30)).toBeUndefined();
});

test("facts about this process", () => {
    expect(commandLine(process.pid)[0]).toMatch(/node/);
    expect(memoryKiB(process.pid)).toBeGreaterThan(1000);
    expect(memoryKiB(2 ** 30)).toBe(0);
    expect(networkNamespaceOf("self")).toBe(networkNamespaceOf(process.pid));
    expect(bootId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(seesAt(process.pid, "/etc", "/etc")).toBe(true);
    expect(seesAt(process.pid, "/etc", "/usr")).toBe(false);
    expect(seesAt(process.pid, "/does/not/exist", "/does/not/exist")).toBe(false);
});

test("mount points are read with their blanks", () => {
    const line = (point: string): string => `36 25 0:31 / ${point} rw,relatime shared:1 - tmpfs tmpfs rw`;
    expect(mountPoints(`${line("/run/netns/a")}\n${line("/srv/my\\040lab\\134x")}\n`)).toEqual([
        "/run/netns/a",
        "/srv/my lab\\x",
    ]);
    expect(() => mountPoints("36 25\n")).toThrow(/unknown form/);
});

test.each([
    ["tor", "tor"],
    ["qemu-system-x86", "machines"],
    ["libvirtd", "libvirt"],
    ["dnsmasq", "libvirt"],
    ["node", "services"],
    ["bash", "other"],
])("%s counts as %s", (command, part) => {
    expect(partOf(command)).toBe(part);
});

import { followLog, type LogEnd, lengthOf, TAIL_BYTES } from "../../../cli/status-log";
import type { Virsh, VirshResult } from "../../../libvirt/client";

const ok = (stdout: string): VirshResult => ({ outcome: "ok", stdout, message: "" });
const line = (n: number): string => `line ${String(n).padStart(10, "0")}\n`;
const lines = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, i) => line(from + i)).join("");
const left = (): number => 1000;

/** A file that tests write. */
function file(text: string): { log: LogEnd; write(text: string): void; asked: string[]; refuse?: string } {
    const world = { text, asked: [] as string[], refuse: undefined as string | undefined };
    const answer = (what: string, result: () => VirshResult): Promise<VirshResult> => {
        world.asked.push(what);
        return Promise.resolve(
            what.startsWith(world.refuse ?? "-")
                ? { outcome: "time-out", stdout: "", message: "no answer" }
                : result(),
        );
    };
    return Object.assign(world, {
        write: (more: string) => void (world.text = more),
        log: followLog(
            () => answer("length", () => ok(String(world.text.length))),
            (offset) => answer(`from ${offset}`, () => ok(world.text.slice(offset))),
        ),
    });
}

it("reads a short log whole, and again whole as it grows", async () => {
    const f = file("one\n");
    expect(await f.log.look(left)).toEqual({ ...ok("one\n"), began: true });
    f.write("one\ntwo\n");
    expect(await f.log.look(left)).toEqual({ ...ok("one\ntwo\n"), began: false });
    expect(f.asked).toEqual(["length", "from 0", "from 0"]);
});

it("reads the end of a long log, and then what came since", async () => {
    const whole = lines(0, 100_000);
    const f = file(whole);
    const first = await f.log.look(left);
    expect([first.stdout.length, first.began, first.stdout.endsWith(line(99_999))]).toEqual([
        TAIL_BYTES,
        true,
        true,
    ]);
    f.write(whole + line(7));
    expect(await f.log.look(left)).toEqual({ ...ok(first.stdout + line(7)), began: false });
    expect(f.asked).toEqual([
        "length",
        `from ${whole.length - TAIL_BYTES}`,
        `from ${whole.length - TAIL_BYTES}`,
    ]);
});

it("a long log that began anew is read from its new end, and that is told", async () => {
    const f = file(lines(0, 100_000));
    await f.log.look(left);
    f.write("SeaBIOS\n");
    expect(await f.log.look(left)).toEqual({ ...ok("SeaBIOS\n"), began: true });
    f.write("SeaBIOS\nGRUB\n");
    expect(await f.log.look(left)).toEqual({ ...ok("SeaBIOS\nGRUB\n"), began: false });
});

it("one that was emptied between its length and its end is found again", async () => {
    const f = file("");
    let length = "1000000";
    const log = followLog(
        () => Promise.resolve(ok(length)),
        (offset) => Promise.resolve(ok("new\n".slice(offset))),
    );
    await log.look(left);
    length = "4";
    expect(await log.look(left)).toEqual({ ...ok("new\n"), began: true });
    expect(f.asked).toEqual([]);
});

it("a short log that began anew is at the same place: what it was then tells whether it goes on", async () => {
    const f = file("one\ntwo\n");
    await f.log.look(left);
    f.write("one\n");
    expect(await f.log.look(left)).toEqual({ ...ok("one\n"), began: false });
    expect(f.asked).toEqual(["length", "from 0", "from 0", "length"]);
});

it.each(["length", "from"])("without an answer (%s) it begins at the next look", async (what) => {
    const f = file("one\n");
    f.refuse = what;
    expect(await f.log.look(left)).toMatchObject({ outcome: "time-out", began: false });
    f.refuse = "nothing";
    expect(await f.log.look(left)).toEqual({ ...ok("one\n"), began: true });
    f.refuse = "from";
    expect(await f.log.look(left)).toMatchObject({ outcome: "time-out", began: false });
});

describe("the length of a volume", () => {
    const asked: string[] = [];
    const answers =
        (result: VirshResult): Virsh =>
        (args) => {
            asked.push(args.join(" "));
            return Promise.resolve(result);
        };
    it("is its file's, in bytes", async () => {
        expect(
            await lengthOf(
                answers(
                    ok(
                        "<volume><capacity unit='bytes'>9</capacity><physical " +
                            "unit='bytes'>1234</physical></volume>",
                    ),
                ),
                "p",
                "v",
            )(5),
        ).toEqual(ok("1234"));
        expect(asked).toEqual(["vol-dumpxml --pool p v"]);
    });
    it("is none when libvirt says nothing of it and there is room for none", async () => {
        expect(
            await lengthOf(
                answers(
                    ok(
                        "<volume><capacity unit='bytes'>0</capacity><allocation " +
                            "unit='bytes'>0</allocation></volume>",
                    ),
                ),
                "p",
                "v",
            )(5),
        ).toEqual(ok("0"));
    });
    it.each([
        "<volume/>",
        "<volume><capacity unit='bytes'>1</capacity></volume>",
        "<volume><physical unit='KiB'>1</physical></volume>",
        "<volume><physical unit='bytes'>x</physical></volume>",
    ])("is not guessed from %s", async (xml) => {
        expect(await lengthOf(answers(ok(xml)), "p", "v")(5)).toMatchObject({
            outcome: "error",
            message: "libvirt does not tell the length of volume v in bytes",
        });
    });
    it("is not known of a volume that is not there", async () => {
        expect(
            await lengthOf(answers({ outcome: "no-volume", stdout: "", message: "no" }), "p", "v")(5),
        ).toMatchObject({ outcome: "no-volume" });
    });
});

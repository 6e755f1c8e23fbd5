/** A guest is asked to power off, and cut only when it does not. */
import { type Stopped, stopGuest, type StopTarget } from "../../../libvirt/graceful-stop";
import type { VirshResult } from "../../../libvirt/client";

const TARGET: StopTarget = { uri: "qemu:///system", domain: "red-ws1" };
const ID = "11111111-1111-4111-8111-111111111111";
const ok = (stdout = ""): VirshResult => ({ outcome: "ok", stdout, message: "" });

interface Script {
    /** States by the seconds from which on they hold. */
    readonly states?: readonly (readonly [from: number, state: string])[];
    /** Whether the cut works. */
    readonly destroy?: VirshResult;
    readonly listed?: string;
}

async function stop(
    { states = [[0, "running"]], destroy, listed = "" }: Script,
    target = TARGET,
): Promise<{ how: Stopped; calls: string[]; said: string[]; seconds: number }> {
    let [now, cut] = [0, false];
    const [calls, said]: [string[], string[]] = [[], []];
    const how = await stopGuest(target, {
        now: () => now * 1000,
        say: (line) => said.push(line),
        virsh: ([line = "", ...more]) => {
            const [first = ""] = line.split(" ");
            calls.push(line.includes("domstate") && first === "event" ? "wait" : first);
            if (first === "list") {
                return Promise.resolve(ok(listed));
            }
            if (first === "destroy") {
                cut = destroy === undefined;
                return Promise.resolve(destroy ?? ok());
            }
            if (first === "event") {
                now += 3;
            }
            if (line.includes("domstate") || more.length > 0) {
                const state = [...states].reverse().find(([from]) => from <= now)?.[1] ?? "";
                return Promise.resolve(
                    state === "absent"
                        ? { outcome: "no-domain", stdout: "", message: "failed to get domain" }
                        : ok(`event loop timed out\n${cut ? "shut off" : state}\n`),
                );
            }
            return Promise.resolve(ok());
        },
    });
    return { how, calls, said, seconds: now };
}

test("one that obeys is asked once, and not cut", async () => {
    const { how, calls, said } = await stop({
        states: [
            [0, "running"],
            [4, "in shutdown"],
            [7, "shut off"],
        ],
    });
    expect(how).toBe("obeyed");
    expect(calls).toEqual(["domstate", "send-key", "wait", "wait", "wait"]);
    expect(said).toEqual(["red-ws1: asked to power off", "red-ws1: off after 9.0 s"]);
});

test("one that goes with its power-off has obeyed", async () => {
    expect(
        (
            await stop({
                states: [
                    [0, "running"],
                    [3, "absent"],
                ],
            })
        ).how,
    ).toBe("obeyed");
});

test("one that does not obey is asked again, and cut after the limit, which is said", async () => {
    const { how, calls, said, seconds } = await stop({});
    expect(how).toBe("cut");
    expect(calls.filter((call) => call === "send-key")).toHaveLength(2);
    expect(calls.slice(-2)).toEqual(["destroy", "domstate"]);
    expect(said.at(-1)).toBe("red-ws1: did not obey within 45 s, so its power is cut");
    expect(seconds).toBe(45);
});

test("one that is paused can't obey: it is cut at once", async () => {
    const { how, calls, said } = await stop({ states: [[0, "paused"]] });
    expect([how, calls]).toEqual(["cut", ["domstate", "destroy", "domstate"]]);
    expect(said).toEqual(["red-ws1: is paused, so its power is cut"]);
});

test.each(["shut off", "absent"])("one that is %s is left alone", async (state) => {
    expect(await stop({ states: [[0, state]] })).toMatchObject({ how: "off", calls: ["domstate"] });
});

test("another of that name is left alone, and so is one that is gone", async () => {
    const target = { ...TARGET, uuid: ID };
    for (const listed of [`22222222-1111-4111-8111-111111111111   red-ws1`, `${ID}   red-ws12`, ""]) {
        expect(await stop({ listed }, target)).toMatchObject({ how: "off", calls: ["list"] });
    }
    expect((await stop({ listed: `x y\n ${ID}   red-ws1 \n`, states: [[0, "paused"]] }, target)).how).toBe(
        "cut",
    );
});

test("one that can't be cut, and a libvirt that does not answer, are errors with a fix", async () => {
    const bad: VirshResult = { outcome: "error", stdout: "", message: "device busy" };
    await expect(stop({ states: [[0, "paused"]], destroy: bad })).rejects.toThrow(
        "can't cut the power of red-ws1 at qemu:///system: device busy",
    );
    await expect(stop({ states: [[0, "paused"]], destroy: ok() })).rejects.toThrow(
        "still runs after its power was cut",
    );
    await expect(
        stopGuest(TARGET, {
            now: () => 0,
            say: () => undefined,
            virsh: () => Promise.resolve({ outcome: "refused", stdout: "", message: "no libvirt" }),
        }),
    ).rejects.toThrow("can't ask the state of red-ws1 at qemu:///system: no libvirt");
});

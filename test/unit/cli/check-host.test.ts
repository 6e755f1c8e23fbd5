import { boundIn, checkHost } from "../../../cli/check-host";
import type { VirshOutcome } from "../../../libvirt/errors";

const UUID = "4c4c4544-0042-3510-8052-b4c04f4e3232";
const options = { uri: "qemu:///system", host: `${UUID}/system` };
const check = (stdout: string, outcome: VirshOutcome = "ok", message = ""): Promise<void> =>
    checkHost(() => Promise.resolve({ outcome, stdout, message }), options);

test("the host that the stack was made on passes", async () => {
    await expect(check(`<capabilities><host><uuid>${UUID}</uuid>`)).resolves.toBeUndefined();
});

test.each([
    [
        "another",
        `<capabilities><host><uuid>${UUID.replace("4c", "5c")}</uuid>`,
        /^qemu:\/\/\/system is not the host of this stack: .* on host 4c4c.*, and this leads to host 5c4c/,
    ],
    [
        "one without a UUID",
        "<capabilities><host><cpu/>",
        /is not the host of this stack: libvirt reports no host UUID/,
    ],
    ["silence", "", /no host UUID/],
])("%s is refused", async (_, stdout, message) => {
    await expect(check(stdout)).rejects.toThrow(
        expect.objectContaining({
            message: expect.stringMatching(message),
            fix: expect.stringMatching(/host_uuid/),
        }),
    );
});

test.each(["refused", "time-out", "lost", "missing", "error"] as const)(
    "so is a libvirt that can't be asked (%s)",
    async (outcome) => {
        await expect(check(`<capabilities><host><uuid>${UUID}</uuid>`, outcome, "no answer")).rejects.toThrow(
            "can't tell which host qemu:///system leads to: no answer",
        );
    },
);

describe("an export of a stack", () => {
    const exported = (...resources: unknown[]): string =>
        JSON.stringify({ version: 3, deployment: { manifest: {}, resources } });
    const provider = (uri: string): unknown => ({ type: "pulumi:providers:libvirt", inputs: { uri } });
    const guard = (uri: string): unknown => ({
        type: "command:local:Command",
        inputs: { create: "true", delete: `bin/sallyport check-host --uri '${uri}' --host ${UUID}/system` },
    });

    test("is bound to the host of its steps, which its provider has to reach, whatever the steps' own URI says", () => {
        const uri = "qemu:///system?socket=/a&b";
        expect(
            boundIn(
                exported(provider(uri), guard("qemu:///old"), guard("qemu:///old"), {
                    type: "pulumi:pulumi:Stack",
                }),
            ),
        ).toEqual([{ uri, host: `${UUID}/system` }]);
        expect(boundIn(exported(provider(uri), provider("qemu:///other"), guard(uri)))).toHaveLength(2);
    });

    test("is bound to none before a program has bound it, or with nothing in it", () => {
        expect(
            boundIn(
                exported(provider("qemu:///system"), {
                    type: "command:local:Command",
                    inputs: { create: "true", delete: "true" },
                }),
            ),
        ).toEqual([]);
        expect(boundIn(exported())).toEqual([]);
    });

    test.each(["", "{}", '{"deployment": {"resources": []}}', "args: stack export"])("%j is none", (text) => {
        expect(() => boundIn(text)).toThrow();
    });
});

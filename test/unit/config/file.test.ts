import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPlanFromFile, storedSettings } from "../../../plan/file";

let root: string;
beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "sallyport-file-"));
    writeFileSync(join(root, "Pulumi.yaml"), "name: sallyport\n");
});
afterEach(() => rmSync(root, { recursive: true }));

const settings = (text: string): void => writeFileSync(join(root, "Pulumi.dev.yaml"), text);
const BRIDGES =
    "config:\n  sallyport:enclaves:\n    - name: a\n      egress: {mode: bridges, bridges: " +
    "[{secure: v1:x}]}\n";
const plain = (line: string): string =>
    JSON.stringify({
        "sallyport:enclaves": {
            value: "[]",
            objectValue: [{ name: "a", egress: { mode: "bridges", bridges: [line] } }],
            secret: true,
        },
        "sallyport:uri": { value: "qemu+ssh://other@host/system", secret: false },
        "other:key": { value: "x" },
    });

it("reads plain settings without anybody's help", () => {
    settings("config:\n  sallyport:uri: qemu+ssh://user@host/system\n");
    expect(
        loadPlanFromFile(root, "dev", () => {
            throw new Error("asked");
        }).plan.uri,
    ).toBe("qemu+ssh://user@host/system");
    expect(loadPlanFromFile(root, "none").plan.enclaves).toHaveLength(1);
});

it("has secrets decrypted, at whatever depth they stand", () => {
    settings(BRIDGES);
    const { plan } = loadPlanFromFile(root, "dev", (stack) =>
        stack === "dev" ? plain("192.0.2.8:9001") : "",
    );
    expect([plan.uri, plan.enclaves[0]?.egress]).toEqual([
        "qemu+ssh://other@host/system",
        {
            mode: "bridges",
            bridges: [{ line: "192.0.2.8:9001", endpoint: { address: "192.0.2.8", port: 9001 } }],
        },
    ]);
});

it("refuses secrets that are not decrypted, and shows none that are wrong", () => {
    settings(BRIDGES);
    expect(() => loadPlanFromFile(root, "dev")).toThrow(
        /sallyport:enclaves: got a value that is not shown; .*fix: run the same through bin\/pulumi/,
    );
    expect(() => loadPlanFromFile(root, "dev", () => plain("hunter2"))).toThrow(
        /egress\.bridges\[0\]: got a value that is not shown/,
    );
});

it("gives the settings as they are stored, without other namespaces", () => {
    settings(`${BRIDGES}  other:key: x\n`);
    expect(storedSettings(root, "dev")).toEqual({
        enclaves: [{ name: "a", egress: { mode: "bridges", bridges: [{ secure: "v1:x" }] } }],
    });
    expect(storedSettings(root, "none")).toEqual({});
});

it("reads lists of relays from the project's folder", () => {
    settings(
        "config:\n  sallyport:enclaves: [{name: a, egress: {mode: relay-set, relayFile: relays.txt}}]\n",
    );
    writeFileSync(join(root, "relays.txt"), "203.0.113.11:5000\n");
    expect(loadPlanFromFile(root, "dev").plan.enclaves[0]?.egress).toEqual({
        mode: "relay-set",
        relays: [{ address: "203.0.113.11", port: 5000 }],
    });
});

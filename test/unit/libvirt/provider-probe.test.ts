/**
 * What the provider's probe says to the real ssh, which is asked what it makes of that and dials no host.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VirshResult } from "../../../libvirt/client";
import { probeProvider, likeTheProvider } from "../../../libvirt/provider-probe";
import { parseLibvirtUri } from "../../../values/libvirt-uri";

const URI = "qemu+ssh://root@192.0.2.1/system";
const SHUT: VirshResult = { outcome: "refused", stdout: "", message: "shut" };
let home: string;
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "sallyport probe-"));
    mkdirSync(join(home, ".ssh"));
});
afterEach(() => rmSync(home, { recursive: true }));

function asked(query: string, agent?: string): Record<string, string[]> {
    const words = likeTheProvider(parseLibvirtUri(`${URI}${query}`), home, agent);
    const text = execFileSync("ssh", ["-G", "-T", ...words, "--", "host"], { encoding: "utf8" });
    const found: Record<string, string[]> = {};
    for (const line of text.split("\n")) {
        const [keyword = "", ...value] = line.split(" ");
        (found[keyword] ??= []).push(value.join(" "));
    }
    return found;
}

it("asks nothing, believes the provider's known_hosts alone, and wants the host's key in the provider's order", () => {
    expect(asked("?keyfile=/k")).toMatchObject({
        batchmode: ["yes"],
        stricthostkeychecking: ["true"],
        userknownhostsfile: [join(home, ".ssh", "known_hosts")],
        globalknownhostsfile: ["none"],
        hostkeyalgorithms: [expect.stringMatching(/^ssh-ed25519,rsa-sha2-256,.*nistp521$/)],
        exitonforwardfailure: ["yes"],
    });
});

it.each([
    [
        "a key file",
        "?keyfile=/k",
        undefined,
        { identityfile: ["/k"], identityagent: ["none"], identitiesonly: ["yes"] },
    ],
    ["an agent, over any file", "?keyfile=/k", "/agent", { identityfile: ["none"], identitiesonly: ["no"] }],
    [
        "a key file, if it is told to ask no agent",
        "?keyfile=/k&sshauth=privkey",
        "/agent",
        { identityfile: ["/k"], identityagent: ["none"] },
    ],
    [
        "a key file, if that comes first",
        "?keyfile=/k&sshauth=privkey,agent",
        "/agent",
        { identityfile: ["/k"], identityagent: ["none"] },
    ],
    ["nothing, where there is nothing", "", undefined, { identityfile: ["none"], identityagent: ["none"] }],
    [
        "nothing, where it may ask only an agent that is not there",
        "?sshauth=agent&keyfile=/k",
        undefined,
        { identityfile: ["none"] },
    ],
])("shows %s", (_, query, agent, options) => {
    expect(asked(query, agent)).toMatchObject(options);
});

it("shows the first of the usual key files, and no second", () => {
    writeFileSync(join(home, ".ssh", "id_rsa"), "");
    expect(asked("").identityfile).toEqual([join(home, ".ssh", "id_rsa")]);
    writeFileSync(join(home, ".ssh", "id_ed25519"), "");
    expect(asked("").identityfile).toEqual([join(home, ".ssh", "id_ed25519")]);
});

it("without ssh the provider connects to libvirtd's old socket, where the URI names none", () => {
    const probed: string[] = [];
    for (const uri of ["qemu:///system", "qemu:///system?socket=/run/x"]) {
        expect(
            probeProvider(
                parseLibvirtUri(uri),
                (at) => {
                    probed.push(at);
                    return SHUT;
                },
                uri,
            ),
        ).toEqual(probed.length === 1 && uri === "qemu:///system" ? SHUT : undefined);
    }
    expect(probed).toEqual(["qemu:///system?socket=/var/run/libvirt/libvirt-sock"]);
});

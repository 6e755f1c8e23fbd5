import { poolXml, requireDnsmasqFolder, seen, stateFolder } from "../../../components/dnsmasq-folder";
import type { FileCall } from "../../../libvirt/file-call";
import { answered, fakeVirsh } from "../../support/fake-virsh";

const URI = "qemu:///system?socket=/run/x";
const POOL = "sallyport.dnsmasq-folder";
/** What libvirt 9.0 and virsh said. */
const GONE = `error: failed to get pool '${POOL}'\nerror: Storage pool not found: no storage pool with matching name '${POOL}'\n`;
const failed = (why: string): string => `error: Failed to create pool from /tmp/x.xml\nerror: ${why}\n`;
const MISSING = failed("cannot open directory '/var/lib/libvirt/dnsmasq': No such file or directory") + GONE;
const LEFT = failed(`Requested operation is not valid: pool is already active as '${POOL}'`);
const NATIVE =
    "LC_ALL=C PATH=/usr/bin HOME=/var/lib/libvirt/qemu/domain--1-sallyport.sample USER=root XDG_DATA_HOME=/x /usr/bin/qemu-system-x86_64 -name x";

/** A libvirt that answers in turn, by the kind of call, and records the calls. */
function libvirt(answers: { create?: string[]; build?: string[]; native?: string; refresh?: string }): {
    call: FileCall;
    asked: string[];
} {
    const asked: string[] = [];
    const next = (list: string[] | undefined): string =>
        (list !== undefined && list.length > 1 ? list.shift() : list?.[0]) ?? "";
    return {
        asked,
        call: (text, words) => {
            const word = words("F").join(" ");
            asked.push(`${word} ${/<path>(.*)<\/path>/.exec(text)?.[1] ?? ""}`.trim());
            if (word.startsWith("domxml-to-native")) {
                return Promise.resolve(
                    answers.native === ""
                        ? answered(false, "error: no emulator\n")
                        : { ...answered(true, ""), stdout: answers.native ?? NATIVE },
                );
            }
            const stderr = word.startsWith("pool-refresh")
                ? (answers.refresh ?? "")
                : next(word.includes("--build") ? answers.build : answers.create);
            return Promise.resolve(answered(stderr === "" || stderr === LEFT, stderr));
        },
    };
}
const run = (call: FileCall): Promise<void> => requireDnsmasqFolder(URI, call, () => Promise.resolve());
const CREATE = (folder: string, build = ""): string =>
    `pool-create ${build}'F'; pool-destroy ${POOL} ${folder}`;
const USUAL = "/var/lib/libvirt/dnsmasq";

it("asks once where the folder is, and makes nothing", async () => {
    const { call, asked } = libvirt({});
    await run(call);
    expect(asked).toEqual([CREATE(USUAL)]);
});

it("makes a missing one, once libvirt has said that it is its own", async () => {
    const { call, asked } = libvirt({ create: [MISSING] });
    await run(call);
    expect(asked).toEqual([CREATE(USUAL), "domxml-to-native qemu-argv --xml F", CREATE(USUAL, "--build ")]);
});

it("of a libvirt with another folder of state makes that one's, and builds over nothing that is there", async () => {
    const native = NATIVE.replace("/var/lib/libvirt", "/usr/local/var/lib/libvirt");
    const fresh = libvirt({ create: [MISSING], native });
    await run(fresh.call);
    expect(fresh.asked.slice(2)).toEqual([
        CREATE("/usr/local/var/lib/libvirt/dnsmasq"),
        CREATE("/usr/local/var/lib/libvirt/dnsmasq", "--build "),
    ]);
    const there = libvirt({ create: [MISSING, ""], native });
    await run(there.call);
    expect(there.asked.some((call) => call.includes("--build"))).toBe(false);
});

it("takes over a pool that a killed run left, and waits for another up's", async () => {
    for (const ours of [
        LEFT,
        failed(`Requested operation is not valid: pool '${POOL}' is starting up`) + GONE,
        failed(`operation failed: Storage source conflict with pool: '${POOL}'`),
        `error: Failed to destroy pool ${POOL}\nerror: internal error: busy\n`,
    ]) {
        const { call, asked } = libvirt({ create: [ours, ours, ""] });
        await run(call);
        expect(asked).toHaveLength(3);
    }
    await expect(run(libvirt({ create: [LEFT] }).call)).rejects.toThrow(
        /is there again and again; .*pool-destroy sallyport\.dnsmasq-folder/,
    );
});

it("a pool that was destroyed meanwhile by another up was created, and its folder is there", () => {
    expect(seen(answered(false, GONE))).toEqual({ is: "there" });
});

it("another's pool over the folder is no obstacle while its folder can be read", async () => {
    const conflict = failed("operation failed: Storage source conflict with pool: 'theirs'") + GONE;
    const { call, asked } = libvirt({ create: [conflict] });
    await run(call);
    expect(asked[1]).toBe("pool-refresh theirs");
    await expect(
        run(
            libvirt({
                create: [conflict],
                refresh: "error: Failed to refresh pool theirs\nerror: cannot open directory\n",
            }).call,
        ),
    ).rejects.toThrow(
        /pool theirs is over it and can't be read: Failed to refresh pool theirs: cannot open directory; fix: .*mkdir -m 755 \/var\/lib\/libvirt\/dnsmasq/,
    );
});

it.each([
    [
        "a file in its place",
        { create: [failed("cannot open directory '/var/lib/libvirt/dnsmasq': Not a directory") + GONE] },
        /Not a directory; fix/,
    ],
    [
        "a file system that is read only",
        {
            create: [MISSING],
            build: [failed("cannot create path '/var/lib/libvirt/dnsmasq': Read-only file system") + GONE],
        },
        /Read-only file system; fix/,
    ],
    [
        "a build that makes nothing",
        { create: [MISSING], build: [MISSING] },
        /it is missing, and was not made/,
    ],
    [
        "a libvirt that does not say where its state is",
        { create: [MISSING], native: "" },
        /does not say where it keeps its state: no emulator; fix/,
    ],
    [
        "a lost connection",
        {
            create: [
                "error: failed to connect to the hypervisor\nerror: Cannot recv data: Connection reset by peer\n",
            ],
        },
        /can't be made there: failed to connect to the hypervisor: Cannot recv data/,
    ],
])("refuses %s with libvirt's words and the command for the host", async (_, answers, message) => {
    await expect(run(libvirt(answers).call)).rejects.toThrow(message);
    await expect(run(libvirt(answers).call)).rejects.toThrow(
        "fix: on that host, as root: mkdir -m 755 /var/lib/libvirt/dnsmasq, then bin/pulumi up again",
    );
});

it("lines that are no complaints of virsh's change nothing", () => {
    const noise = "** Authorised users only\nWarning: Permanently added 'h' (ED25519)\n";
    expect(seen(answered(true, noise)).is).toBe("there");
    expect(seen(answered(false, noise + MISSING)).is).toBe("missing");
    expect(seen(answered(false, "virsh: cannot execute\n"))).toEqual({
        is: "else",
        said: "virsh: cannot execute",
    });
});

it("a failure without a word is none for there", () => {
    expect(seen(answered(false, "")).is).toBe("else");
});

it("a folder of state is read from a guest's command line alone, and never climbs", () => {
    expect(stateFolder(NATIVE)).toBe("/var/lib/libvirt");
    expect(stateFolder("HOME=/root /usr/bin/qemu")).toBeUndefined();
    expect(stateFolder("HOME=/var/../etc/qemu/domain--1-x ")).toBeUndefined();
    expect(stateFolder("XDG_DATA_HOME=/a/qemu/domain--1-x/.local ")).toBeUndefined();
});

it("no stack takes the pool for one of its own: names of a stack's objects begin with its project's, and a hyphen", () => {
    expect(poolXml("/f")).not.toMatch(/<name>[a-z0-9]*-/);
});

it("the pool is of root's, and readable for all, as libvirt makes the folder", () => {
    expect(poolXml("/f")).toMatch(
        /^<pool type='dir'><name>sallyport\.dnsmasq-folder<\/name>.*<path>\/f<\/path><permissions><mode>0755<\/mode><owner>0<\/owner><group>0<\/group>/,
    );
});

describe("through virsh", () => {
    const answer = fakeVirsh();
    const limit = process.env["SALLYPORT_LIBVIRT_TIMEOUT"];
    afterEach(() => {
        if (limit === undefined) {
            delete process.env["SALLYPORT_LIBVIRT_TIMEOUT"];
        } else {
            process.env["SALLYPORT_LIBVIRT_TIMEOUT"] = limit;
        }
    });
    it("reads virsh's complaint whether it failed or not", async () => {
        answer(
            {},
            `case "$*" in *domxml*) echo '${NATIVE}';; *--build*) ;; *) printf "%s" "${MISSING.replaceAll("\n", "\\n")}" | sed 's/\\\\n/\\n/g' >&2; exit 1;; esac`,
        );
        await expect(requireDnsmasqFolder(URI)).resolves.toBeUndefined();
    });
    it("names the time-out of one that does not answer", async () => {
        answer({}, "exec sleep 30");
        process.env["SALLYPORT_LIBVIRT_TIMEOUT"] = "1";
        await expect(requireDnsmasqFolder(URI)).rejects.toThrow(
            /at qemu:.* virsh pool-create .* had no answer within 1 s; fix: .*export SALLYPORT_LIBVIRT_TIMEOUT=2$/,
        );
    });
});

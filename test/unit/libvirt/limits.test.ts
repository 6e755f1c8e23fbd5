/** Limits of calls to libvirt, and what is said when one is over. */
import { defineFilter } from "../../../cli/define-filter";
import { askVirsh, mustVirsh, virshAt } from "../../../libvirt/client";
import { unansweredFix } from "../../../libvirt/errors";
import { readVolume } from "../../../components/read-back";
import { probeVirsh, requireLibvirt } from "../../../libvirt/probe";
import { callLimitMs, LIMIT_VARIABLE } from "../../../libvirt/limits";
import { fakeVirsh } from "../../support/fake-virsh";

const [LOCAL, FORWARDED, SSH] = [
    "qemu:///system",
    "qemu:///system?socket=/run/lab.sock",
    "qemu+ssh://root@192.0.2.1:2222/system",
];

test.each([
    [LOCAL, 20],
    ["qemu+unix:///system", 20],
    ["test:///default", 20],
    [FORWARDED, 60],
    [SSH, 60],
    ["qemu+tls://h/system", 60],
    ["qemu+tcp://h/system", 60],
])("%s: %i s", (uri, seconds) => {
    expect(callLimitMs(uri, 0, {})).toBe(seconds * 1000);
    expect(callLimitMs(uri, 0, { [LIMIT_VARIABLE]: "" })).toBe(seconds * 1000);
    expect(callLimitMs(uri, 0, { [LIMIT_VARIABLE]: "300" })).toBe(300_000);
});

test("a call that does more keeps its own limit, until the setting is longer", () => {
    expect([
        callLimitMs(SSH, 900_000, {}),
        callLimitMs(SSH, 900_000, { [LIMIT_VARIABLE]: "5" }),
        callLimitMs(SSH, 900_000, { [LIMIT_VARIABLE]: "1000" }),
    ]).toEqual([900_000, 900_000, 1_000_000]);
});

test.each(["0", "-1", "1.5", "10s", "3601", "99999", " 5", "abc"])("%j is no limit", (text) => {
    expect(() => callLimitMs(LOCAL, 0, { [LIMIT_VARIABLE]: text })).toThrow(
        /SALLYPORT_LIBVIRT_TIMEOUT: got ".*"; allowed: whole seconds from 1 to 3600; fix: unset SALLYPORT_LIBVIRT_TIMEOUT/,
    );
});

test("the fix is one ssh for qemu+ssh, that ssh again for its socket, and libvirt itself for a local one", () => {
    expect(unansweredFix(SSH)).toMatch(
        /^let one ssh carry both: ssh -N -o ExitOnForwardFailure=yes -o StreamLocalBindUnlink=yes .* -L \/run\/sallyport-lab\.sock:\/var\/run\/libvirt\/libvirt-sock -p 2222 root@192\.0\.2\.1, and bin\/pulumi config set .*; for one that is only slow raise the limit: export SALLYPORT_LIBVIRT_TIMEOUT=120$/,
    );
    expect(unansweredFix(FORWARDED)).toMatch(
        /if an ssh forwards \/run\/lab\.sock, end it and start it again: ssh -N .*StreamLocalBindUnlink=yes .*-L \/run\/lab\.sock:\/var\/run\/libvirt\/libvirt-sock user@host; /,
    );
    expect(unansweredFix(LOCAL)).toMatch(
        /^see whether libvirt answers: virsh -c 'qemu:\/\/\/system' version; /,
    );
    expect(unansweredFix(LOCAL, 3_000_000)).toMatch(/=3600$/);
});

describe("a virsh that does not answer", () => {
    const answer = fakeVirsh();
    const before = process.env[LIMIT_VARIABLE];
    beforeEach(() => {
        answer({}, "exec sleep 60");
        process.env[LIMIT_VARIABLE] = "1";
    });
    afterEach(() => {
        if (before === undefined) {
            delete process.env["SALLYPORT_LIBVIRT_TIMEOUT"];
        } else {
            process.env[LIMIT_VARIABLE] = before;
        }
    });
    const RAISE = "export SALLYPORT_LIBVIRT_TIMEOUT=2";

    test("is told by the steps with command, seconds and fix", async () => {
        expect(await virshAt(FORWARDED)(["pool-list", "--all"])).toEqual({
            outcome: "time-out",
            stdout: "",
            message: "virsh pool-list --all had no answer within 1 s",
        });
        await expect(mustVirsh(SSH, ["net-list"])).rejects.toMatchObject({
            message: `at ${SSH} virsh net-list had no answer within 1 s`,
            fix: expect.stringContaining(RAISE) as string,
        });
        await expect(defineFilter(virshAt(SSH), SSH, "x")).rejects.toMatchObject({
            message: expect.stringMatching(
                /^libvirt does not define filter x: virsh nwfilter-define .* had no answer within 1 s$/,
            ) as string,
            fix: expect.stringContaining("let one ssh carry both") as string,
        });
        answer({}, 'case "$*" in *nwfilter-define*) ;; *) exec sleep 60;; esac');
        await expect(defineFilter(virshAt(SSH), SSH, "x")).rejects.toMatchObject({
            message:
                "filter x was defined and can't be read back: virsh nwfilter-dumpxml x had no answer within 1 s",
        });
    });
    test("is told by the hooks, and never as an empty complaint", async () => {
        await expect(askVirsh(SSH)(["domstate", "x"])).rejects.toThrow(
            /^at qemu\+ssh:.* virsh domstate x had no answer within 1 s; fix: let one ssh carry both: .*export SALLYPORT_LIBVIRT_TIMEOUT=2$/,
        );
        process.env[LIMIT_VARIABLE] = "none";
        await expect(readVolume({ uri: SSH, pool: "p", volume: "v", sha256: "" })).rejects.toThrow(
            'SALLYPORT_LIBVIRT_TIMEOUT: got "none"',
        );
        expect(() => virshAt(SSH)).toThrow("SALLYPORT_LIBVIRT_TIMEOUT");
        expect(() => probeVirsh(SSH)).toThrow("SALLYPORT_LIBVIRT_TIMEOUT");
    });
    test("a limit that is over is told by the probes, with the same fix", () => {
        const said = (uri: string): string => {
            try {
                requireLibvirt(
                    uri,
                    () => ({
                        outcome: "time-out",
                        stdout: "",
                        message: "virsh capabilities had no answer within 60 s",
                    }),
                    () => undefined,
                );
            } catch (error) {
                return (error as Error).message;
            }
            return "";
        };
        expect(said(SSH)).toMatch(
            /this one: virsh capabilities had no answer within 60 s; fix: let one ssh carry both: .*export SALLYPORT_LIBVIRT_TIMEOUT=120/,
        );
        expect(said(FORWARDED)).toMatch(/if an ssh forwards \/run\/lab\.sock, end it and start it again/);
    });
});

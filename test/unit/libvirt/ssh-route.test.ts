/** With the real ssh: what it makes of a configuration is what is judged. It dials no host. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireOneRoute } from "../../../libvirt/ssh-route";

const URI = "qemu+ssh://root@192.0.2.1:2222/system?socket=/run/x/libvirt-sock";
let home: string;
let path: string | undefined;

beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "sallyport-route-"));
    mkdirSync(join(home, ".ssh"));
    path = process.env["PATH"];
    // OpenSSH takes the home folder from the list of users. What it is told here stands for that.
    writeFileSync(
        join(home, "ssh"),
        `#!/bin/sh\ncase " $* " in *" -F "*) ;; *) set -- -F '${join(home, "for-openssh")}' "$@" ;; esac\nexec /usr/bin/ssh "$@"\n`,
    );
    chmodSync(join(home, "ssh"), 0o755);
    writeFileSync(join(home, "for-openssh"), "");
    process.env["PATH"] = `${home}:${path}`;
});
afterEach(() => {
    process.env["PATH"] = path;
    rmSync(home, { recursive: true, force: true });
});

/** The same lines for both programs. */
function configured(...lines: string[]): void {
    provider(...lines);
    writeFileSync(join(home, "for-openssh"), `${lines.join("\n")}\n`);
}
/** What the provider alone reads. */
function provider(...lines: string[]): void {
    writeFileSync(join(home, ".ssh", "config"), `${lines.join("\n")}\n`);
}

it.each([
    ["nothing", []],
    [
        "what is for another host",
        ["Host other", "ProxyCommand nc -x 127.0.0.1:9050 %h %p", "Port 22", "HostName 192.0.2.9"],
    ],
    [
        "who one is",
        [
            "Host *",
            "User somebody",
            "IdentityFile ~/.ssh/lab",
            "IdentitiesOnly yes",
            "ServerAliveInterval 30",
        ],
    ],
    [
        "a control path for others",
        ["Host 192.0.2.1", "ControlPath none", "Host *", "ControlMaster auto", "ControlPath ~/.ssh/%C"],
    ],
])("lets pass %s", (_, lines) => {
    configured(...lines);
    expect(() => requireOneRoute(URI, home)).not.toThrow();
});

it("looks at ssh's configuration for ssh alone", () => {
    configured("Host *", "ProxyCommand nc %h %p");
    expect(() => requireOneRoute("qemu:///system", home)).not.toThrow();
    expect(() => requireOneRoute(URI, home)).toThrow();
});

it("an absent configuration says nothing", () => {
    rmSync(join(home, ".ssh"), { recursive: true });
    expect(() => requireOneRoute(URI, home)).not.toThrow();
});

it.each([
    [
        "a proxy",
        ["Host *", "ProxyCommand nc -X 5 -x 127.0.0.1:9050 %h %p"],
        "ssh_config sets proxycommand to nc -X 5 -x 127.0.0.1:9050 %h %p",
    ],
    ["a bastion", ["Host 192.0.2.*", "ProxyJump bastion"], "ssh_config sets proxyjump to bastion"],
    ["another name", ["Host 192.0.2.1", "HostName 192.0.2.7"], "ssh_config sets hostname to 192.0.2.7"],
    ["an address of one's own", ["BindAddress 192.0.2.200"], "ssh_config sets bindaddress to 192.0.2.200"],
    ["an interface", ["BindInterface tun0"], "ssh_config sets bindinterface to tun0"],
    ["one family of addresses", ["AddressFamily inet6"], "ssh_config sets addressfamily to inet6"],
    ["names made canonical", ["CanonicalizeHostname yes"], "ssh_config sets canonicalizehostname to true"],
    ["an older connection", ["ControlPath /run/x/%C"], "ssh_config sets controlpath to /run/x/"],
])("refuses %s in what OpenSSH reads", (_, lines, moved) => {
    writeFileSync(join(home, "for-openssh"), `${lines.join("\n")}\n`);
    expect(() => requireOneRoute(URI, home)).toThrow(moved);
});

it.each([
    [
        "a Match, whatever it is about",
        ["Match host other", "User x"],
        "has a Match, for which the provider drops the whole file",
    ],
    ["a quoted one", ['  "Match" all'], "has a Match"],
    ["a port, be it the usual one", ["Host 192.0.2.1", "Port 22"], "has port 22 for this host"],
    ["the port that stands for none in the first question", ["Port 1"], "has port 1 for this host"],
    ["and in the second", ["Port 2"], "has port 2 for this host"],
    ["a proxy", ["ProxyCommand nc %h %p"], "has proxycommand nc %h %p for this host"],
    ["a bastion", ["ProxyJump bastion"], "has proxyjump bastion for this host"],
    [
        "a bastion that OpenSSH is told not to use",
        ["ProxyCommand none", "Host *", "ProxyJump bastion"],
        "has proxyjump none for this host",
    ],
    [
        "no bastion, which is one of that name to the provider",
        ["ProxyJump none"],
        "has proxyjump none for this host",
    ],
    ["a name", ["HostName 192.0.2.1"], "has hostname 192.0.2.1 for this host"],
    [
        "what ssh can't read",
        ["Nonsense yes"],
        "ssh's configuration can't be read: .*Nonsense|Bad configuration option",
    ],
])("refuses %s in what the provider reads", (_, lines, moved) => {
    provider(...lines);
    expect(() => requireOneRoute(URI, home)).toThrow(new RegExp(moved, "i"));
});

it("follows an Include", () => {
    writeFileSync(join(home, "more"), "Port 22\n");
    provider(`Include ${join(home, "more")}`);
    expect(() => requireOneRoute(URI, home)).toThrow("has port 22 for this host");
});

it("names the fix", () => {
    configured("ProxyCommand nc %h %p");
    expect(() => requireOneRoute(URI, home)).toThrow(
        new RegExp(
            [
                String.raw`sallyport:uri: got "qemu\+ssh://root@192\.0\.2\.1:2222/system\?socket=/run/x/libvirt-sock"; allowed: a host that virsh and the provider reach by one route; the provider would dial it from this machine's address: ssh_config sets proxycommand to nc`,
                String.raw`fix: let one ssh carry both: ssh -N -o ExitOnForwardFailure=yes -o StreamLocalBindUnlink=yes .*-L /run/sallyport-lab\.sock:/run/x/libvirt-sock -p 2222 root@192\.0\.2\.1`,
            ].join(".*"),
        ),
    );
});

it("without ssh nothing is known, and refused", () => {
    process.env["PATH"] = "/nonexistent";
    expect(() => requireOneRoute(URI, home)).toThrow(
        "ssh is not installed: apt install openssh-client; fix: make this work: ssh -G 192.0.2.1",
    );
});

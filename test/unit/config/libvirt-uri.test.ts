import { hostKeyOf, parseLibvirtUri } from "../../../values/libvirt-uri";
import { libvirtUri } from "../../../lab/paths";

const parameters = {};

it.each([
    ["qemu:///system", { transport: "unix", parameters }],
    ["qemu+unix:///system?socket=/run/x", { transport: "unix", parameters: { socket: "/run/x" } }],
    [
        libvirtUri("/srv/my lab/a&b"),
        { transport: "unix", parameters: { socket: "/srv/my lab/a&b/libvirt-sock" } },
    ],
    ["qemu+ssh://root@192.0.2.1/system", { transport: "ssh", user: "root", host: "192.0.2.1", parameters }],
    [
        "qemu+ssh://me@[2001:db8::1]:2222/system?keyfile=/k&socket=/run/x&sshauth=privkey&no_tty=1",
        {
            transport: "ssh",
            user: "me",
            host: "2001:db8::1",
            port: 2222,
            parameters: { keyfile: "/k", socket: "/run/x", sshauth: "privkey", no_tty: "1" },
        },
    ],
])("reads %s", (uri, read) => {
    expect(parseLibvirtUri(uri)).toEqual(read);
});

it.each([
    ["qemu", "a libvirt connection URI such as"],
    ["qemu:///system#x", "a libvirt connection URI such as"],
    ["qemu+ssh://a@b@host/system", "a libvirt connection URI such as"],
    ["test:///default", "qemu:, qemu+unix: or qemu+ssh:, such as"],
    ["qemu+libssh2://root@host/system", "qemu:, qemu+unix: or qemu+ssh:, such as"],
    ["qemu+ext://host/system?command=/x", "qemu:, qemu+unix: or qemu+ssh:, such as"],
    ["qemu+ssh+unix://root@host/system", "qemu:, qemu+unix: or qemu+ssh:, such as"],
    ...[
        "qemu+tcp://lab.example.test:16509/system",
        "qemu+tcp:///system",
        "qemu+tls://lab.example.test/system?pkipath=/etc/pki/x",
        "qemu://lab.example.test/system",
    ].map((uri) => [uri, "libvirt's own TCP and TLS ports are open to all"]),
    ["qemu:///session", "the path /system"],
    ["qemu+ssh://root@host/system/", "the path /system"],
    ["qemu+ssh://root@host", "the path /system"],
    ["qemu+unix://host/system", "no host with a local socket"],
    ["qemu+ssh://root@/system", "a host's name or address in lower case"],
    ["qemu+ssh://root@Lab/system", "a host's name or address in lower case"],
    ["qemu+ssh://root@-oProxyCommand/system", "a host's name or address in lower case"],
    ["qemu+ssh://root@ho%73t/system", "without %-signs"],
    ["qemu+ssh://host/system", "a user and no password"],
    ["qemu+ssh://me:secret@host/system", "a user and no password"],
    ["qemu+ssh://-l@host/system", "a user and no password"],
    ["qemu+ssh://me@host:0/system", "a port from 1 to 65535"],
    ["qemu+ssh://me@host:70000/system", "a port from 1 to 65535"],
    ["qemu+ssh://me@host:/system", "a port from 1 to 65535"],
    ...[
        "no_verify=0",
        "no_verify=1",
        "no_verify",
        "command=/x",
        "netcat=/x",
        "proxy=native",
        "mode=legacy",
        "known_hosts=/x",
        "knownhosts=/x",
        "known_hosts_verify=ignore",
        "name=qemu:///session",
        "x=1",
        "",
        "toString=1",
    ].map((query) => [
        `qemu+ssh://me@host/system?${query}`,
        "the parameters socket, keyfile, sshauth, no_tty for this transport, and not",
    ]),
    ["qemu:///system?no_tty=1", 'the parameters socket for this transport, and not "no_tty"'],
    ["qemu+ssh://me@[::x]/system", "a host's name or address in lower case"],
    ...[
        "keyfile=",
        "keyfile=id",
        "keyfile=/$HOME/id",
        "keyfile=%2Fa%20b",
        "keyfile=/a;b",
        "keyfile=/a+b",
        "keyfile=/a=b",
        "keyfile=/a%",
        "keyfile=/a&keyfile=/b",
    ].map((query) => [`qemu+ssh://me@host/system?${query}`, "keyfile once, as an absolute path out of"]),
    ["qemu+ssh://me@host/system?sshauth=ssh-password", "sshauth once, as agent, privkey or both"],
    ["qemu+ssh://me@host/system?no_tty=0", "no_tty once, as 1"],
    ["qemu:///system?socket=libvirt-sock", "socket once, as an absolute path"],
    ["qemu:///system?socket=/run/a+b", "socket once, as an absolute path"],
])("refuses %s", (uri, allowed) => {
    expect(() => parseLibvirtUri(uri)).toThrow(allowed);
});

const LOCAL = [
    "qemu:///system",
    "qemu:///system?",
    "qemu+unix:///system",
    "qemu:///system?socket=/var/run/libvirt/libvirt-sock",
    "qemu:///system?socket=/run/libvirt/libvirt-sock",
    "qemu:///system?socket=/run/libvirt/virtqemud-sock",
    "qemu+unix:///system?socket=%2Fvar%2Frun%2Flibvirt%2Flibvirt-sock",
    "qemu:///system?socket=/run//x/../libvirt/./libvirt-sock",
    "qemu+ssh://root@localhost/system",
    "qemu+ssh://me@localhost:22/system",
    "qemu+ssh://me@127.0.0.1/system?keyfile=/k",
    "qemu+ssh://me@[::1]/system",
    "qemu+ssh://me@[::ffff:127.0.0.1]/system",
    "qemu+ssh://me@127.1/system",
    "qemu+ssh://me@ip6-localhost/system",
    "qemu+ssh://me@localhost/system?socket=/var/run/libvirt/libvirt-sock",
];
const V6 = [
    "qemu+ssh://me@[2001:db8::1]/system",
    "qemu+ssh://root@[2001:db8:0:0:0:0:0:1]:22/system?no_tty=1",
    "qemu+ssh://me@[2001:0db8::0001]/system?sshauth=agent&keyfile=/k",
    "qemu+ssh://me@[2001:db8::1]/system?keyfile=/k&sshauth=agent",
];
const V4 = [
    "qemu+ssh://me@192.0.2.1/system",
    "qemu+ssh://root@192.0.2.1:22/system",
    "qemu+ssh://me@[::ffff:192.0.2.1]/system",
    "qemu+ssh://me@[::ffff:c000:201]/system",
    "qemu+ssh://me@0xc0000201/system",
];

it.each([
    ["this machine", LOCAL],
    ["an IPv6 address", V6],
    ["an IPv4 address", V4],
])("%s has one key, however it is spelled", (_, uris) => {
    expect([...new Set(uris.map(hostKeyOf))]).toHaveLength(1);
});

it("other hosts, ports and sockets have other keys, and so has what is no URI", () => {
    const others = [
        LOCAL[0],
        V6[0],
        V4[0],
        "qemu+ssh://me@192.0.2.1:2222/system",
        "qemu+ssh://me@192.0.2.2/system",
        "qemu+ssh://me@lab/system",
        "qemu+ssh://me@lab.example.test/system",
        "qemu:///system?socket=/run/x",
        "qemu+ssh://me@lab/system?socket=/run/x",
        "qemu+ssh://me@localhost:2222/system",
        "qemu:///session",
        "QEMU:///system",
        "local",
    ].map((uri) => hostKeyOf(uri ?? ""));
    expect([...new Set(others)]).toEqual(others);
});

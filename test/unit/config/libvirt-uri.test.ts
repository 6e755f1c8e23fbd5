import { parseLibvirtUri } from "../../../config/libvirt-uri";
import { libvirtUri } from "../../../lab/paths";

const parameters = {};

it.each([
    ["qemu:///system", { transport: "unix", parameters }],
    ["qemu+unix:///system?socket=/run/x", { transport: "unix", parameters: { socket: "/run/x" } }],
    [libvirtUri("/srv/my lab/a&b"), { transport: "unix", parameters: { socket: "/srv/my lab/a&b/libvirt-sock" } }],
    ["qemu+ssh://root@192.0.2.1/system", { transport: "ssh", user: "root", host: "192.0.2.1", parameters }],
    ["qemu+ssh://me@[2001:db8::1]:2222/system?keyfile=/k&socket=/run/x&sshauth=privkey&no_tty=1",
        { transport: "ssh", user: "me", host: "2001:db8::1", port: 2222, parameters: { keyfile: "/k", socket: "/run/x", sshauth: "privkey", no_tty: "1" } }],
    ["qemu+tcp://lab.example.test:16509/system", { transport: "tcp", host: "lab.example.test", port: 16509, parameters }],
    ["qemu+tls://lab.example.test/system?pkipath=/etc/pki/x", { transport: "tls", host: "lab.example.test", parameters: { pkipath: "/etc/pki/x" } }],
    ["qemu://lab.example.test/system", { transport: "tls", host: "lab.example.test", parameters }],
])("reads %s", (uri, read) => {
    expect(parseLibvirtUri(uri)).toEqual(read);
});

it.each([
    ["qemu", "a libvirt connection URI such as"],
    ["qemu:///system#x", "a libvirt connection URI such as"],
    ["qemu+ssh://a@b@host/system", "a libvirt connection URI such as"],
    ["test:///default", "the transports that the provider has"],
    ["qemu+libssh2://root@host/system", "the transports that the provider has"],
    ["qemu+ext://host/system?command=/x", "the transports that the provider has"],
    ["qemu+ssh+unix://root@host/system", "the transports that the provider has"],
    ["qemu:///session", "the path /system"],
    ["qemu+ssh://root@host/system/", "the path /system"],
    ["qemu+ssh://root@host", "the path /system"],
    ["qemu+unix://host/system", "no host with a local socket"],
    ["qemu+tcp:///system", "a host's name or address,"],
    ["qemu+ssh://root@/system", "a host's name or address in lower case"],
    ["qemu+ssh://root@Lab/system", "a host's name or address in lower case"],
    ["qemu+ssh://root@-oProxyCommand/system", "a host's name or address in lower case"],
    ["qemu+ssh://root@ho%73t/system", "without %-signs"],
    ["qemu+ssh://host/system", "a user and no password"],
    ["qemu+ssh://me:secret@host/system", "a user and no password"],
    ["qemu+ssh://-l@host/system", "a user and no password"],
    ["qemu+tls://me@host/system", "a user with qemu+ssh only"],
    ["qemu+ssh://me@host:0/system", "a port from 1 to 65535"],
    ["qemu+ssh://me@host:70000/system", "a port from 1 to 65535"],
    ["qemu+ssh://me@host:/system", "a port from 1 to 65535"],
    ...["no_verify=0", "no_verify=1", "no_verify", "command=/x", "netcat=/x", "proxy=native", "mode=legacy", "known_hosts=/x", "knownhosts=/x", "known_hosts_verify=ignore", "name=qemu:///session", "x=1", "", "toString=1"]
        .map((query) => [`qemu+ssh://me@host/system?${query}`, "the parameters socket, keyfile, sshauth, no_tty for this transport, and not"]),
    ["qemu:///system?no_tty=1", "the parameters socket for this transport, and not \"no_tty\""],
    ["qemu+tcp://host/system?socket=/x", "no parameters for this transport, and not \"socket\""],
    ...["keyfile=", "keyfile=id", "keyfile=/$HOME/id", "keyfile=%2Fa%20b", "keyfile=/a;b", "keyfile=/a+b", "keyfile=/a=b", "keyfile=/a%", "keyfile=/a&keyfile=/b"].map((query) => [`qemu+ssh://me@host/system?${query}`, "keyfile once, as an absolute path out of"]),
    ["qemu+ssh://me@host/system?sshauth=ssh-password", "sshauth once, as agent, privkey or both"],
    ["qemu+ssh://me@host/system?no_tty=0", "no_tty once, as 1"],
    ["qemu:///system?socket=libvirt-sock", "socket once, as an absolute path"],
    ["qemu:///system?socket=/run/a+b", "socket once, as an absolute path"],
])("refuses %s", (uri, allowed) => {
    expect(() => parseLibvirtUri(uri)).toThrow(allowed);
});

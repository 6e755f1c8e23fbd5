/**
 * ssh: every host through its SocksPort (ssh_config(5), ProxyCommand), by the helper that speaks SOCKS5 (RFC
 * 1928).
 */
import { socksPortOf } from "../../values/ports";
import { lines } from "../text";
import { rootFile, type GuestFile } from "../user-data";

const HELPER = "/usr/local/bin/socks-connect";

/** Standard input and output through a SOCKS5 proxy that resolves the name itself. */
const SCRIPT: readonly string[] = [
    "#!/usr/bin/python3",
    "# socks-connect PROXY PROXYPORT HOST PORT: standard input and output through a SOCKS5 proxy.",
    "import os, select, socket, sys",
    "",
    "proxy, proxy_port, host, port = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode(), int(sys.argv[4])",
    "s = socket.create_connection((proxy, proxy_port))",
    "",
    "def read(n):",
    "    data = b''",
    "    while len(data) < n:",
    "        more = s.recv(n - len(data))",
    "        if not more:",
    "            sys.exit('socks-connect: the proxy closed the connection')",
    "        data += more",
    "    return data",
    "",
    "s.sendall(b'\\x05\\x01\\x00')",
    "if read(2) != b'\\x05\\x00':",
    "    sys.exit('socks-connect: the proxy wants a password')",
    "s.sendall(b'\\x05\\x01\\x00\\x03' + bytes([len(host)]) + host + port.to_bytes(2, 'big'))",
    "_, reply, _, kind = read(4)",
    "if reply != 0:",
    "    sys.exit('socks-connect: the proxy refused with code %d' % reply)",
    "read({1: 4, 4: 16}.get(kind) or read(1)[0])",
    "read(2)",
    "open_ends = [0, s]",
    "while s in open_ends:",
    "    for end in select.select(open_ends, [], [])[0]:",
    "        data = s.recv(65536) if end is s else os.read(0, 65536)",
    "        if data:",
    "            s.sendall(data) if end == 0 else os.write(1, data)",
    "        else:",
    "            open_ends.remove(end)",
    "            if end == 0:",
    "                s.shutdown(socket.SHUT_WR)",
];

export const ssh = (gateway: string): GuestFile[] => [
    rootFile(HELPER, lines("socks-connect", ...SCRIPT), "0755"),
    rootFile(
        "/etc/ssh/ssh_config.d/30-sallyport.conf",
        lines(
            "ssh",
            "Host *",
            `    ProxyCommand ${HELPER} ${gateway} ${socksPortOf("ssh")} %h %p`,
            // Neither keys for other hosts nor the local user name are offered to a server that did not ask.
            "    IdentitiesOnly yes",
            "    ForwardX11 no",
            "    ForwardAgent no",
        ),
    ),
];

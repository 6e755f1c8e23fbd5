/** cloud-init reads YAML 1.1 (PyYAML), to which `52:54:00:12:34:56` without quotes is a number of base 60. */
import { parse } from "yaml";
import { networkConfig } from "../../../cloud-init/network-config";

test.each(["52:54:00:12:34:56", "52:54:00:03:08:09", "52:54:00:98:98:0a"])("%s stays a MAC", (mac) => {
    const text = networkConfig([{ interface: "ext0", mac, address: "192.0.2.10", prefix: 24, route: "192.0.2.1" }]);
    const read = parse(text, { version: "1.1" }) as { ethernets: { ext0: { match: { macaddress: unknown } } } };
    expect(read.ethernets.ext0.match.macaddress).toBe(mac);
});

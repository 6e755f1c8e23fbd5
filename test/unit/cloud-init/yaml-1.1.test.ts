/** cloud-init reads YAML 1.1 (PyYAML), to which `52:54:00:12:34:56` without quotes is a number of base 60. */
import fc from "fast-check";
import { parse } from "yaml";
import { networkConfig } from "../../../cloud-init/network-config";
import { plainYaml } from "../../../model/adapters/seed/yaml";

test.each(["52:54:00:12:34:56", "52:54:00:03:08:09", "52:54:00:98:98:0a"])("%s stays a MAC", (mac) => {
    const text = networkConfig([
        { interface: "ext0", mac, address: "192.0.2.10", prefix: 24, route: "192.0.2.1" },
    ]);
    const read = parse(text, { version: "1.1" }) as {
        ethernets: { ext0: { match: { macaddress: unknown } } };
    };
    expect(read.ethernets.ext0.match.macaddress).toBe(mac);
});

test("whatever MAC a plan draws, both readers and the policy pack's take it for text", () => {
    const group = fc.integer({ min: 0, max: 255 }).map((n) => n.toString(16).padStart(2, "0"));
    const decimal = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, "0"));
    fc.assert(
        fc.property(fc.oneof(fc.tuple(group, group, group), fc.tuple(decimal, decimal, decimal)), (last) => {
            const mac = ["52:54:00", ...last].join(":");
            const text = networkConfig([
                { interface: "ext0", mac, address: "192.0.2.10", prefix: 24, route: "192.0.2.1" },
            ]);
            const expected = { ethernets: { ext0: { match: { macaddress: mac } } } };
            expect(parse(text, { version: "1.1" })).toMatchObject(expected);
            expect(plainYaml(text)).toMatchObject(expected);
        }),
        { numRuns: 1000 },
    );
});

/** Seeds of a Workstation that a rule has to refuse. */
import type { FixtureResource } from "../../fixtures/resources";
import { SEED, editFile, editUserData, editYaml, short, textOf, type Mutant } from "../mutant";
import { RULESET } from "./names";

export function workstation(seed: FixtureResource): Mutant[] {
    const at = seed.urn;
    const mine = short(seed);
    return [
        {
            title: `${mine}: names an outer address`,
            rule: "CI-03",
            change: editFile(at, "/etc/resolv.conf", () => "nameserver 192.0.2.53\n"),
        },
        ...["timezone", "locale", "keyboard"].map((key): Mutant => ({
            title: `${mine}: ${key}`,
            rule: "CI-03",
            change: editUserData(at, (data) => {
                data[key] = "xx";
            }),
        })),
        {
            title: `${mine}: apt in the clear`,
            rule: "CI-17",
            change: editFile(at, "/etc/apt/apt.conf.d/90sallyport", () => "\n"),
        },
        {
            title: `${mine}: a larger subnet`,
            rule: "NT-15",
            change: editYaml(at, "networkConfig", (data) => {
                const [nic] = Object.values(data["ethernets"] as Record<string, { addresses: string[] }>);
                Object.assign(nic ?? {}, { addresses: nic?.addresses.map((a) => a.replace("/24", "/18")) });
            }),
        },
        {
            title: `${mine}: another route`,
            rule: "CI-04",
            change: editYaml(at, "networkConfig", (data) => {
                Object.values(data["ethernets"] as Record<string, Record<string, unknown>>).forEach((nic) => {
                    nic["routes"] = [{ to: "0.0.0.0/0", via: "10.152.152.1" }];
                });
            }),
        },
        {
            title: `${mine}: the Gateway's address`,
            rule: "SH-02",
            change: editYaml(at, "networkConfig", (data) => {
                Object.values(data["ethernets"] as Record<string, Record<string, unknown>>).forEach((nic) => {
                    nic["addresses"] = ["10.152.152.10/24"];
                });
            }),
        },
        {
            title: `${mine}: the Gateway's instance-id`,
            rule: "SH-02",
            change: (s) => {
                const gateway = s.find(
                    (r) =>
                        r.type === SEED &&
                        r.name === `${seed.name.replace(/-workstation-.*$/, "")}-gateway-seed`,
                );
                const id = /instance-id: *(\S+)/.exec(String(gateway?.props["metaData"]))?.[1];
                editYaml(at, "metaData", (data) => {
                    data["instance-id"] = id;
                })(s);
            },
        },
        {
            title: `${mine}: asks others for the time`,
            rule: "GUEST-01",
            change: editFile(at, "/etc/sallyport/time.json", (t) => t.replace('["http://', '["https://')),
        },
        {
            title: `${mine}: asks servers for the time that an exit can forge`,
            rule: "GUEST-01",
            change: editFile(at, "/etc/sallyport/time.json", (t) =>
                JSON.stringify({
                    ...(JSON.parse(t) as object),
                    pools: ["a", "b", "c"].map((name) => [`http://${name}.example.test/`]),
                }),
            ),
        },
        {
            title: `${mine}: asks for the time by address`,
            rule: "CI-03",
            change: editFile(at, "/etc/sallyport/time.json", (t) =>
                t.replace('["http://', '["http://192.0.2.7/","http://'),
            ),
        },
        {
            title: `${mine}: asks too few for the time`,
            rule: "GUEST-01",
            change: editFile(at, "/etc/sallyport/time.json", (t) =>
                JSON.stringify({ ...(JSON.parse(t) as object), pools: [["http://one.example.test/"]] }),
            ),
        },
        {
            title: `${mine}: asks for the time past tor`,
            rule: "GUEST-01",
            change: editFile(at, "/etc/sallyport/time.json", (t) => t.replace("9108", "9050")),
        },
        ...(textOf(seed, "/etc/sallyport/ruleset-open.nft") === ""
            ? [
                  {
                      title: `${mine}: a firewall for later that was not asked for`,
                      rule: "GUEST-01",
                      change: editUserData(at, (data) => {
                          data.write_files.push({
                              path: "/etc/sallyport/ruleset-open.nft",
                              content: "flush ruleset\n",
                          });
                      }),
                  },
              ]
            : [
                  {
                      title: `${mine}: opens more than its firewall`,
                      rule: "GUEST-01",
                      change: editFile(at, "/etc/sallyport/ruleset-open.nft", (t) =>
                          t.replace(/(hook output priority 0; policy drop;\n)/, "$1 accept\n"),
                      ),
                  },
                  {
                      title: `${mine}: holds less until then`,
                      rule: "GUEST-01",
                      change: editFile(at, RULESET, (t) => t.replace("meta skuid 470 ", "")),
                  },
              ]),
        {
            title: `${mine}: takes connections`,
            rule: "FW-19",
            change: editFile(at, RULESET, (t) =>
                t.replace(
                    /(hook input priority 0; policy drop;\n)/,
                    '$1 iifname "eth0" tcp dport 22 accept\n',
                ),
            ),
        },
        {
            title: `${mine}: sends UDP`,
            rule: "FW-19",
            change: editFile(at, RULESET, (t) =>
                t.replace(
                    /(hook output priority 0; policy drop;\n)/,
                    '$1 oifname "eth0" meta l4proto udp accept\n',
                ),
            ),
        },
    ];
}

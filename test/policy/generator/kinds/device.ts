/** Devices and settings of a guest, in provider 0.9's words; 0.8's stylesheets write none but their own. */
import type { FixtureResource } from "../../fixtures/resources";
import { FOREIGN, ofType, DOMAIN } from "../../mutants/mutant";
import { twoGuests } from "../bases";
import { ofKind, type Base, type Props } from "../production";
import type { Random } from "../random";
import { devicesOf, gateway, guest, part, remove, workstation } from "../targets";
import { LISTS, SINGLE, SETTINGS, PARTS } from "./device-values";

/** Timers of a clock: one that is switched on, or that is not known. */
function timer(r: Random, props: Props): void {
    const timers = part(props, "clock")["timers"] as Props[];
    const off = r.pick(timers.filter((t) => t["present"] === "no"));
    r.pick<() => void>([
        () => {
            off["present"] = "yes";
        },
        () => {
            timers.splice(timers.indexOf(off), 1);
        },
        () => {
            timers.push({
                name: r.pick(["tsc", "platform", "armvtimer", "hypervclock"]),
                mode: "native",
                present: "yes",
            });
        },
        () => {
            Object.assign(timers[0] ?? {}, { track: r.pick(["wall", "boot", "realtime"]) });
        },
    ])();
}

/** Tables that the guest reads with dmidecode. */
function smbios(r: Random, props: Props): void {
    const tables = part((props["sysInfos"] as Props[])[0] ?? {}, "smbios");
    const entries = part(tables, r.pick(["bios", "system"]))["entries"] as Props[];
    const value = r.word(3, 12);
    r.pick<() => void>([
        () => {
            tables[r.pick(["chassis", "oemStrings", "memory"])] = { entries: [{ name: "serial", value }] };
        },
        () => {
            entries.push({ name: r.pick(["serial", "uuid", "sku", "family", "date"]), value });
        },
        () => {
            tables["baseBoard"] = [{ entries: [{ name: r.pick(["asset", "serial", "location"]), value }] }];
        },
        () => {
            Object.assign(r.pick(entries), { value });
        },
    ])();
}

const emulated = (base: Base): boolean =>
    base.stack.some((f) => f.type === DOMAIN && f.props["type"] === "qemu");

const sheetOf = (d: FixtureResource): string => (d.props["xml"] as { xslt: string }).xslt;

/** The sheet with one sign changed, none of its spaces, or with something that it does not write. */
function foreign(r: Random, text: string): string {
    const at = r.pick([...text.matchAll(/[A-Za-z0-9"]/g)].map((m) => m.index));
    const spoilt = `${text.slice(0, at)}${text[at] === "Z" ? "Y" : "Z"}${text.slice(at + 1)}`;
    return r.pick([
        FOREIGN,
        spoilt,
        text.replace("</devices>", `<${r.word()}/></devices>`),
        text.replace('<memballoon model="none"/>', ""),
    ]);
}

/** Another value at one place of a domain. */
const into = (
    shape: "0.9",
    name: string,
    why: string,
    change: (r: Random, domain: FixtureResource) => void,
    who = guest,
) => ({
    on: "stack" as const,
    shapes: [shape],
    name,
    why: `${why}; formatdomain`,
    change: (r: Random, stack: FixtureResource[]) => {
        change(r, who(r, stack));
    },
});

export default ofKind("device", [
    ...LISTS.map(([list, why, values]) =>
        into("0.9", `one of ${list} too many`, why, (r, domain) => {
            const found = devicesOf(domain, list);
            found.splice(r.int(0, found.length), 0, r.pick(values)(r));
        }),
    ),
    ...SINGLE.map(([name, why, values]) =>
        into("0.9", name, why, (r, domain) => {
            Object.assign(part(domain.props, "devices"), values(r));
        }),
    ),
    // A Gateway that is switched off may start again; nothing of a Workstation's may be left.
    ...SETTINGS.map(([name, why, values]) =>
        into(
            "0.9",
            name,
            why,
            (r, domain) => {
                Object.assign(domain.props, values(r));
            },
            why === "LC-07" ? workstation : guest,
        ),
    ),
    ...PARTS.map(([path, name, why, values]) =>
        into("0.9", `${path}: ${name}`, why, (r, domain) => {
            const inside = part(domain.props, path);
            for (const [key, value] of Object.entries(values(r))) {
                inside[key] = value;
                if (value === undefined) {
                    remove(inside, key);
                }
            }
        }),
    ),
    into("0.9", "a timer of the host's", "ID-08", (r, domain) => {
        timer(r, domain.props);
    }),
    into(
        "0.9",
        "SMBIOS tells something",
        "ID-04, ID-11: the host's serial number, the user's name, the stack's",
        (r, domain) => {
            smbios(r, domain.props);
        },
    ),
    into(
        "0.9",
        "fw_cfg tells something",
        "ID-11: names of stacks and enclaves reach every program",
        (r, domain) => {
            (domain.props["sysInfos"] as Props[]).push({
                fwCfg: { entries: [{ name: `opt/${r.word()}`, value: r.word() }] },
            });
        },
    ),
    into(
        "0.9",
        "a line that is written down",
        "DD-12: a Workstation's screen on the host's disk; a file that the host reads as its own",
        (r, domain) => {
            const file = r.pick([r.path(), `${r.path()}/${domain.name}.status`, "/etc/cron.d/x"]);
            Object.assign(devicesOf(domain, "serials")[0] ?? {}, {
                log: { file, append: r.pick(["on", "off"]) },
            });
        },
    ),
    {
        // A refresh reads the UUIDs that libvirt has: it takes one only once.
        on: "stack",
        shapes: ["0.9"],
        forms: ["resources", "export", "preview"],
        needs: twoGuests,
        name: "guests with one UUID",
        why: "ID-05: SMBIOS shows it",
        change: (r, stack) => {
            const uuid = r.uuid();
            ofType(stack, DOMAIN).forEach((d) => {
                d.props["uuid"] = uuid;
            });
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        needs: (base) => !emulated(base),
        name: "a guest that can be a hypervisor",
        why: "DD-23: the hypervisor's least tested part",
        change: (r, stack) => {
            const features = part(guest(r, stack).props, "cpu")["features"] as Props[];
            const feature = r.pick(features);
            r.pick<() => void>([
                () => {
                    feature["policy"] = "require";
                },
                () => {
                    features.splice(features.indexOf(feature), 1);
                },
            ])();
        },
    },
    {
        on: "stack",
        shapes: ["0.8"],
        name: "a stylesheet that is not ours",
        why: "it can undo every input: 0.8.3 utils_xslt.go",
        change: (r, stack) => {
            const domain = guest(r, stack);
            domain.props["xml"] = { xslt: foreign(r, sheetOf(domain)) };
        },
    },
    {
        on: "stack",
        shapes: ["0.8"],
        name: "no stylesheet",
        why: "0.8.3 domain_def.go adds an agent's channel, a balloon, SPICE",
        change: (r, stack) => {
            const { props } = guest(r, stack);
            const value = r.pick<unknown>([undefined, {}, { xslt: "" }, []]);
            props["xml"] = value;
            if (value === undefined) {
                remove(props, "xml");
            }
        },
    },
    {
        on: "stack",
        shapes: ["0.8"],
        name: "the other role's stylesheet",
        why: "NT-18, DD-16: its port is not isolated, its filter is missing",
        change: (r, stack) => {
            const [a, b] = r.shuffled([workstation(r, stack), gateway(r, stack)]) as [
                FixtureResource,
                FixtureResource,
            ];
            a.props["xml"] = structuredClone(b.props["xml"]);
        },
    },
    {
        on: "stack",
        shapes: ["0.8"],
        name: "a status file in another place",
        why: "DD-12: a guest chooses what is in it, so it may be no file of the host's",
        change: (r, stack) => {
            const domain = gateway(r, stack);
            domain.props["xml"] = {
                xslt: sheetOf(domain).replace(/<log file="[^{]*\//, `<log file="${r.path()}/`),
            };
        },
    },
    {
        on: "stack",
        shapes: ["0.8"],
        name: "a stylesheet that writes another folder or pool",
        why: "the guest boots what lies there under the same names",
        change: (r, stack) => {
            const domain = guest(r, stack);
            const pool = `sallyport-test-${domain.name.split("-")[2] ?? ""}`;
            const other = r.pick([
                r.path(),
                `/var/lib/libvirt/images/${r.word()}`,
                "/var/lib/libvirt/images",
                "/var/lib/libvirt/images/sallyport-test-image",
            ]);
            const text = sheetOf(domain);
            domain.props["xml"] = {
                xslt: r.pick([
                    text.replaceAll(`/var/lib/libvirt/images/${pool}/`, `${other}/`),
                    text.replaceAll(
                        `'${pool}'`,
                        `'${r.pick(["default", r.word(3, 9), "sallyport-test-image"])}'`,
                    ),
                ]),
            };
        },
    },
    {
        on: "stack",
        shapes: ["0.8"],
        name: "processors that only this guest is tied to",
        why: "SH-06: its siblings run on any",
        change: (r, stack) => {
            const domain = guest(r, stack);
            const tied =
                `<vcpu placement="static" cpuset="${r.int(8, 30)}"><xsl:value-of ` + `select="vcpu"/></vcpu>`;
            domain.props["xml"] = {
                xslt: sheetOf(domain).replace(
                    /<xsl:copy-of select="vcpu"\/>|<vcpu placement.*<\/vcpu>/,
                    tied,
                ),
            };
        },
        needs: (base) => base.title !== "zones, and processors of their own",
    },
]);

/** A confined Debian host that runs a good stack, as `virsh dumpxml` and `net-dumpxml` show it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STATUS_SUFFIX } from "../../../libvirt/stylesheet";
import { dataDiskXml } from "../../support/live-hosts";
import type { FixtureResource } from "../fixtures/resources";
import { DOMAIN, NETWORK, POOL, SEED, VOLUME, nicsOf, ofType } from "../mutants/mutant";
import { URI, fileOf, uuidOf } from "./forms";
import type { Base, Live, Props } from "./production";

const template = (role: string): string =>
    readFileSync(join(__dirname, "../../unit/model/testdata", `${role}.xml`), "utf8");
const TEMPLATES = { gateway: template("gateway"), workstation: template("workstation") };

const bridgeOf = (p: Props): string =>
    String(typeof p["bridge"] === "object" ? (p["bridge"] as Props)["name"] : p["bridge"]);

/** Where the guest's seed, its own disk and that one's base are. */
export function filesOf(
    stack: readonly FixtureResource[],
    domain: FixtureResource,
): { readonly overlay: Props; readonly seed: Props; readonly data: Props; readonly image: Props } {
    const own = (types: readonly string[], name: string): Props =>
        stack.find((r) => types.includes(r.type) && r.name === name)?.props ?? {};
    return {
        overlay: own([VOLUME], `${domain.name}-overlay`),
        seed: { ...own([SEED], `${domain.name}-seed`), ...own([VOLUME], `${domain.name}-seed-volume`) },
        data: { ...own([VOLUME], `${domain.name}-home`), ...own([VOLUME], `${domain.name}-state`) },
        image: ofType(stack, VOLUME, /-image-volume$/)[0]?.props ?? {},
    };
}

const networkName = (nic: Props): string =>
    String(
        nic["networkName"] ??
            (nic["source"] as { network?: { network?: string } } | undefined)?.network?.network,
    );
const macOf = (nic: Props): string =>
    String(typeof nic["mac"] === "object" ? (nic["mac"] as Props | null)?.["address"] : nic["mac"]);
const statusOf = (p: Props): string =>
    JSON.stringify(p).match(/"file":"(\/[^"{]+)"/)?.[1] ??
    /<log file="([^{]*)\/\{/.exec(JSON.stringify(p).replaceAll('\\"', '"'))?.[1] ??
    "";

function domainXml(stack: readonly FixtureResource[], domain: FixtureResource): string {
    const gateway = domain.name.endsWith("-gateway");
    const { overlay, seed, data, image } = filesOf(stack, domain);
    const nics = nicsOf(domain.props);
    const bridge = new Map(ofType(stack, NETWORK).map((n) => [String(n.props["name"]), bridgeOf(n.props)]));
    const status = statusOf(domain.props).replace(new RegExp(`/${domain.name}\\${STATUS_SUFFIX}$`), "");
    const uuid = uuidOf(`${DOMAIN} ${domain.name}`);
    let [mac, source] = [-1, -1];
    return (
        TEMPLATES[gateway ? "gateway" : "workstation"]
            .replace(/<name>[^<]*<\/name>/, `<name>${domain.name}</name>`)
            .replace(/<uuid>[^<]*<\/uuid>/, `<uuid>${uuid}</uuid>`)
            .replace(/<disk type='[^']*' device='disk'>[^]*?<\/disk>/g, (disk) => {
                const isSeed = disk.includes("<readonly/>");
                const file = fileOf(isSeed ? seed : overlay);
                const chain = isSeed
                    ? "<backingStore/>"
                    : "<backingStore type='file' index='3'><format type='qcow2'/><source " +
                      `file='${fileOf(image)}'/><backingStore/></backingStore>`;
                const at = disk.includes("type='file'")
                    ? `file='${file}'`
                    : `pool='${String((isSeed ? seed : overlay)["pool"])}' ` +
                      `volume='${file.split("/").at(-1) ?? ""}'`;
                return disk
                    .replace(
                        /<source [^>]*?( index='\d+')?\/>/,
                        (_, index: string) => `<source ${at}${index ?? ""}/>`,
                    )
                    .replace(/<backingStore[^]*?(?=<target)/, `${chain}\n      `);
            })
            .replace("<controller", `${dataDiskXml(fileOf(data))}<controller`)
            .replace(/<mac address='[^']*'\/>/g, () => `<mac address='${macOf(nics[(mac += 1)] ?? {})}'/>`)
            // libvirt shows a NIC of a network that stands for a bridge of the host's as one of the bridge.
            .replace(
                /<interface type='network'>([^]*?)<source network='[^']*' portid='([^']*)' bridge='[^']*'\/>/g,
                (_, mac_: string, port: string) => {
                    const name = networkName(nics[(source += 1)] ?? {});
                    const of = bridge.get(name) ?? "";
                    return (
                        "<interface " +
                        `type='${/^br\d$/.test(of) ? "bridge" : "network"}'>${mac_}<source ` +
                        `network='${name}' portid='${port}' bridge='${of}'/>`
                    );
                },
            )
            .replace(/<filterref filter='[^']*'/, `<filterref filter='${networkName(nics[0] ?? {})}'`)
            .replace(/<log file='[^']*'/g, `<log file='${status}/${domain.name}${STATUS_SUFFIX}'`)
            .replace(
                / *<seclabel[^]*<\/seclabel>\n/,
                [
                    "  <seclabel type='dynamic' model='apparmor' relabel='yes'>",
                    `    <label>libvirt-${uuid}</label>`,
                    `    <imagelabel>libvirt-${uuid}</imagelabel>`,
                    "  </seclabel>",
                    "  <seclabel type='dynamic' model='dac' relabel='yes'>",
                    "    <label>+64055:+64055</label>",
                    "    <imagelabel>+64055:+64055</imagelabel>",
                    "  </seclabel>",
                    "",
                ].join("\n"),
            )
    );
}

function networkXml(network: FixtureResource): string {
    const p = network.props;
    const forward = p["forward"] as Props | undefined;
    const mode = p["mode"] === "none" ? undefined : (p["mode"] ?? forward?.["mode"]);
    const [subnet = ""] = (p["addresses"] ?? []) as string[];
    const [ip] = (p["ips"] ?? []) as { address: string }[];
    const address = ip?.address ?? subnet.replace(/\.0\/.*/, ".1");
    const head = `<network><name>${String(p["name"])}</name><uuid>${uuidOf(`${NETWORK} ${String(p["name"])}`)}</uuid>`;
    if (mode === "bridge") {
        return `${head}<forward mode='bridge'/><bridge name='${bridgeOf(p)}'/></network>`;
    }
    const zone =
        (p["bridge"] as Props)["zone"] ??
        / zone="([^"]*)"/.exec((p["xml"] as { xslt?: string } | undefined)?.xslt ?? "")?.[1];
    return (
        `${head}${mode === undefined ? "" : "<forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>"}` +
        `<bridge name='${bridgeOf(p)}'${zone === undefined ? "" : ` zone='${String(zone)}'`} ` +
        "stp='off' delay='0'/><mac address='52:54:00:01:02:03'/><dns enable='no'/>" +
        `${address === "" ? "" : `<ip address='${address}' family='ipv4' prefix='24'/>`}</network>`
    );
}

/** Guests of others, on networks and disks of their own. */
const NEIGHBOURS = [
    "<domain type='kvm' id='7'><name>neighbour</name><devices><disk type='file' " +
        "device='disk'><source file='/srv/vm/neighbour.qcow2'/><target dev='vda'/></disk>" +
        "<interface type='network'><source network='default' " +
        "bridge='virbr0'/></interface></devices></domain>",
];
const DEFAULT =
    "<network><name>default</name><forward mode='nat'/><bridge name='virbr0'/><ip " +
    "address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' " +
    "end='192.168.122.254'/></dhcp></ip></network>";

const poolXml = (name: string, path: string): string =>
    `<pool type='dir'><name>${name}</name><target><path>${path}</path></target></pool>`;

export function hostOf({ stack }: Base): Live {
    const pools = ofType(stack, POOL).map(({ props }) =>
        poolXml(String(props["name"]), String((props["target"] as Props)["path"])),
    );
    return {
        uri: URI,
        domains: [...ofType(stack, DOMAIN).map((d) => domainXml(stack, d)), ...NEIGHBOURS],
        networks: [...ofType(stack, NETWORK).map(networkXml), DEFAULT],
        pools: [poolXml("vm", "/srv/vm"), ...pools],
        next: { domains: [], networks: [] },
        active: [...ofType(stack, NETWORK).map(({ props }) => String(props["name"])), "default"],
        autostart: { domains: [], networks: ["default"] },
        kept: [],
        taps: { from: "libvirt" },
    };
}

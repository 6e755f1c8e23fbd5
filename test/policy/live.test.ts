/** What runs, judged with what was declared: nothing that libvirt adds by itself is a finding, and what somebody did behind the stack's back is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { modelOfExport, readLive, type LiveHost } from "../../topology/adapters";
import type { Model } from "../../topology/model";
import { makeReport } from "../../topology/report";
import { CONFIGS, goodStack } from "./fixtures/good";
import { asExport, type FixtureResource } from "./fixtures/resources";
import { DOMAIN, NETWORK, SEED, VOLUME, ofType } from "./mutants/mutant";

jest.setTimeout(120_000);

const URI = "qemu:///system";
const testdata = (role: string): string => readFileSync(join(__dirname, "../unit/proof/testdata", `${role}.xml`), "utf8");

const FOLDER = "/var/lib/libvirt/images";
const fileOf = (volume: FixtureResource | undefined): string => `${FOLDER}/${String(volume?.props["pool"])}/${String(volume?.props["name"])}`;
const imagePath = (stack: readonly FixtureResource[]): string => fileOf(ofType(stack, VOLUME, /-image-volume$/)[0]);

/** A domain as libvirt 9.0 shows it while it runs, with the names of the stack's. */
function liveDomain(stack: readonly FixtureResource[], domain: FixtureResource): string {
    const nics = domain.props["networkInterfaces"] as { networkName: string; mac: string }[];
    const [overlay] = ofType(stack, VOLUME).filter((v) => v.name === `${domain.name}-overlay`);
    const [seed] = ofType(stack, SEED).filter((v) => v.name === `${domain.name}-seed`);
    const [, status = ""] = /<log file="([^{]*)\//.exec((domain.props["xml"] as { xslt: string }).xslt) ?? [];
    let nic = -1;
    return testdata(domain.name.endsWith("-gateway") ? "gateway" : "workstation")
        .replace(/<name>[^<]*<\/name>/, `<name>${domain.name}</name>`)
        .replace(/<uuid>[^<]*<\/uuid>/, `<uuid>00000000-0000-4000-8000-0000000000${domain.name.endsWith("-gateway") ? "01" : "02"}</uuid>`)
        // The chain that libvirt finds below an overlay.
        .replace("<backingStore/>", `<backingStore type='file' index='3'><format type='qcow2'/><source file='${imagePath(stack)}'/><backingStore/></backingStore>`)
        .replace(/file='[^']*-seed\.iso'/g, `file='${fileOf(seed)}'`)
        .replace(/file='[^']*\.qcow2'(?= index='[12]')/, `file='${fileOf(overlay)}'`)
        .replace(/<mac address='[^']*'\/>/g, () => { nic += 1; return `<mac address='${nics[nic]?.mac ?? ""}'/>`; })
        .replace(/<source network='[^']*'/g, () => `<source network='${nics[nic === nics.length - 1 ? (nic = 0) : (nic += 1)]?.networkName ?? ""}'`)
        .replace(/<filterref filter='[^']*'/, `<filterref filter='${nics[0]?.networkName ?? ""}'`)
        .replace(/<log file='[^']*'/g, `<log file='${status}/${domain.name}.status'`);
}

const liveNetwork = (network: FixtureResource): string => {
    const { name, bridge } = network.props as { name: string; bridge: string };
    const [subnet] = (network.props["addresses"] ?? []) as string[];
    return `<network><name>${name}</name><uuid>${String(network.props["id"] ?? "00000000-0000-4000-8000-000000000001")}</uuid>${subnet === undefined ? "" : "<forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>"}`
        + `<bridge name='${bridge}' stp='off' delay='0'/><mac address='52:54:00:01:02:03'/><dns enable='no'/>`
        + `${subnet === undefined ? "" : `<ip address='${subnet.replace(/\.0\/.*/, ".1")}' family='ipv4' prefix='24'/>`}</network>`;
};

interface World { readonly declared: Model; readonly host: LiveHost }

async function world(config = CONFIGS["one enclave, one Workstation"]): Promise<World> {
    const stack = await goodStack(config, "existing");
    return {
        declared: modelOfExport(JSON.stringify(asExport(stack)), "export.json"),
        host: { uri: URI, domains: ofType(stack, DOMAIN).map((d) => liveDomain(stack, d)), networks: ofType(stack, NETWORK).map(liveNetwork), autostart: { domains: [], networks: [] } },
    };
}

const found = (model: Model): string[] => runRules(rules, model).map((f) => `${findingId(f)} ${f.message}`);
const changed = (host: LiveHost, from: string | RegExp, to: string): LiveHost => {
    const made = { ...host, domains: host.domains.map((xml) => xml.replace(from, to)), networks: host.networks.map((xml) => xml.replace(from, to)) };
    expect(made).not.toEqual(host);
    return made;
};

it("a live enclave with the stack that declares it has no finding but what an export has", async () => {
    const { declared, host } = await world();
    const before = new Set(found(declared));
    expect(found(readLive([host], declared)).filter((f) => !before.has(f))).toEqual([]);
});

it.each<[string, string, (host: LiveHost) => LiveHost]>([
    ["a NIC that somebody attached", "NT-07", (host) => changed(host, /(<interface type='network'>[^]*?<\/interface>)(?![^]*<interface)/, "$1<interface type='user'><mac address='52:54:00:00:00:07'/></interface>")],
    ["an isolated network that forwards", "NT-01", (host) => changed(host, "-isolated</name>", "-isolated</name><forward mode='route'/>")],
    ["an address of the host's on it", "NT-02", (host) => changed(host, /(-isolated<\/name>[^]*)<\/network>/, "$1<ip address='10.9.9.1' prefix='24'/></network>")],
    ["a Workstation's port that is not isolated", "NT-18", (host) => changed(host, "<port isolated='yes'/>", "")],
    ["a Workstation without its filter", "DD-16", (host) => changed(host, /<filterref filter='[^']*'\/>/, "")],
    ["a shared folder", "DD-01", (host) => changed(host, "</devices>", "<filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem></devices>")],
    ["another base below a disk", "DD-13", (host) => changed(host, /<source file='[^']*\/(sallyport-[^/']*)'\/><backingStore\/>/, "<source file='/srv/$1'/><backingStore/>")],
    ["one more layer below a disk", "DD-13", (host) => changed(host, "<backingStore/></backingStore>", "<backingStore type='file'><source file='/srv/x'/></backingStore></backingStore>")],
    ["another file in place of the seed", "NT-26", (host) => changed(host, /file='([^']*\/)[^/']*-seed\.iso'/, "file='$1evil-seed.iso'")],
    ["another file in place of the overlay", "NT-26", (host) => changed(host, /file='([^']*\/)[^/']*\.qcow2'(?= index='[12]')/, "file='$1evil.qcow2'")],
    ["the overlay of the same name in another folder", "NT-26", (host) => changed(host, /file='([^']*)\/([^/']*\.qcow2)'(?= index='[12]')/, "file='$1-status/$2'")],
    ["an overlay by another spelling of its path", "NT-26", (host) => changed(host, /file='([^']*)\/([^/']*\.qcow2)'(?= index='[12]')/, "file='$1/./$2'")],
    ["an overlay by a path through another folder", "NT-26", (host) => changed(host, /file='([^']*)\/([^/']*)\/([^/']*\.qcow2)'(?= index='[12]')/, "file='$1/x/../$2/$3'")],
    ["a volume of another pool in place of the seed", "NT-26", (host) => changed(host, /<disk type='file' device='disk'>(\s*<driver name='qemu' type='raw'\/>\s*)<source file='[^']*\/([^/']*)'/, "<disk type='volume' device='disk'>$1<source pool='default' volume='$2'")],
    ["a device in place of the overlay", "NT-26", (host) => changed(host, /<disk type='file' device='disk'>(\s*<driver name='qemu' type='qcow2'[^]*?)<source file='[^']*'/, "<disk type='block' device='disk'>$1<source dev='/dev/sda'")],
    ...["fdgroup='x'", "startupPolicy='optional'", "mode='host'"].map((attribute): [string, string, (host: LiveHost) => LiveHost] =>
        [`a file with ${attribute}`, "DD-13", (host) => changed(host, /(<source file='[^']*')( index)/, `$1 ${attribute}$2`)]),
    ...["<seclabel model='dac' relabel='no'/>", "<slices><slice type='storage' offset='0' size='1'/></slices>", "<encryption format='luks'/>"].map((part): [string, string, (host: LiveHost) => LiveHost] =>
        [`a file with ${part}`, "DD-13", (host) => changed(host, /(<source file='[^']*' index='\d')\/>/, `$1>${part}</source>`)]),
    ["the golden image in place of the overlay", "SH-01", (host) => changed(host, /file='[^']*'(?= index='[12]'\/>\s*<backingStore type)/, `file='${/<backingStore[^]*?file='([^']*)'/.exec(host.domains.join(""))?.[1] ?? ""}'`)],
    ["one guest's overlay as another's", "SH-01", (host) => changed(host, /file='[^']*'(?= index='[12]'\/>\s*<backingStore type)/, `file='${/file='([^']*gateway[^']*\.qcow2)'/.exec(host.domains.join(""))?.[1] ?? ""}'`)],
    ["a stranger on the isolated network", "NT-10", (host) => ({ ...host, domains: [...host.domains, `<domain type='kvm'><name>stranger</name>${/<interface[^]*<\/interface>/.exec(host.domains.at(-1)?.replace(/^[^]*<devices>/, "<devices>") ?? "")?.[0].replace(/^/, "<devices>") ?? ""}</devices></domain>`] })],
    ["a stranger on the isolated bridge", "NT-24", (host) => ({ ...host, domains: [...host.domains, `<domain type='kvm'><name>stranger</name><devices><interface type='bridge'><source bridge='${/-isolated<\/name>[^]*?<bridge name='([^']*)'/.exec(host.networks.join(""))?.[1] ?? ""}'/></interface></devices></domain>`] })],
    ["a guest that starts with the host", "LC-02", (host) => ({ ...host, autostart: { ...host.autostart, domains: ["sallyport-test-default-gateway"] } })],
])("%s is found: %s", async (_title, rule, change) => {
    const { declared, host } = await world();
    const before = new Set(found(declared));
    expect(found(readLive([change(host)], declared)).filter((f) => !before.has(f) && f.startsWith(`${rule}[`))).not.toEqual([]);
});

it("a domain or network that is declared and not there is undecided, and strangers elsewhere are nobody's business here", async () => {
    const { declared, host } = await world();
    const report = (model: Model): string[] => makeReport(model, rules, "live").report.findings.filter((f) => f.rule === "INPUT").map((f) => f.message);
    const elsewhere = "<domain type='kvm'><name>other</name><devices><interface type='network'><source network='default'/></interface></devices></domain>";
    const model = readLive([{ ...host, domains: [...host.domains, elsewhere] }], declared);
    expect(model.domains.map((d) => d.resource.name)).not.toContain("other");
    expect(report(model)).toEqual([]);
    expect(report(readLive([{ ...host, domains: host.domains.slice(1) }], declared))).toEqual([`the domain is declared and not at ${URI}`]);
    expect(report(readLive([{ ...host, networks: host.networks.slice(1) }], declared))).toEqual([`the network is declared and not at ${URI}`]);
});

it("without the stack nothing is safe: what libvirt does not show is undecided, and said", async () => {
    const { host } = await world();
    const { report } = makeReport(readLive([host]), rules, "live");
    expect(report.ok).toBe(false);
    expect(report.verdict).not.toBe("proved");
    expect(report.findings.filter((f) => f.rule === "INPUT").map((f) => f.message).join()).toMatch(/shows no seeds, and so no firewall and no torrc/);
    // Of Gateways nothing can be shown, nor refuted: the XML names none.
    expect(report.queries.filter((q) => q.verdict === "proved").map((q) => q.id)).toEqual(["PATH-gateway", "PATH-tor"]);
});

/**
 * The stylesheets that turn the provider's XML into ours. They are allow-lists: each writes the whole
 * hardened document and copies into it only what it names, so a device that the provider (or a later version
 * of it) adds does not exist in the guest. libvirt applies what is written here and nothing else; policies
 * accept these texts and no others.
 *
 * Sources: libvirt formatdomain, formatnetwork, formatstorage; the invariants' ids are named beside each
 * line.
 */
import type { Role } from "../cloud-init/guest";
import { CLOCK_PREFIX, CLOCK_WINDOW } from "../values/clock";
import { formatCpuset, parseCpuset } from "../values/cpuset";
import {
    dataDisk,
    GENERATION_LENGTH,
    HEX_DIGITS,
    OVERLAY_SUFFIX,
    SEED_SUFFIX,
    isPlainFolder,
    isPlainName,
} from "../values/disk-files";
import type { PoolPlan, VirtPlan } from "../plan/plan";
import { SMBIOS } from "../values/smbios";
import { ZONE_NAME } from "../values/zones";

/**
 * Guest machine: a fixed version, the same for everyone (DD-25). QEMU keeps versions for six years (its
 * docs/about/deprecated.rst); this one came with QEMU 6.2, which Ubuntu 22.04 has.
 */
export const MACHINE = "pc-q35-6.2";
/** What the provider calls every version of that machine. */
export const MACHINE_FAMILY = "q35";
/** Suffix of the status file's name, in the enclave's status pool. */
export const STATUS_SUFFIX = ".status";
/** Translation cache in MiB when QEMU emulates; a smaller one doubles boot time. */
const TCG_CACHE_MIB = 128;

const sheet = (...templates: string[]): string =>
    [
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">',
        '<xsl:output omit-xml-declaration="yes" indent="yes"/>',
        ...templates,
        "</xsl:stylesheet>",
        "",
    ].join("\n");

const refuse = (test: string, reason: string): string =>
    `<xsl:if test="${test}"><xsl:message terminate="yes">sallyport refuses this domain: ${reason}</xsl:message></xsl:if>`;

/** Constant, neutral SMBIOS tables: nothing of the host's (ID-04). */
const SYSINFO = [
    '<sysinfo type="smbios">',
    ...[...SMBIOS].map(
        ([table, entries]) =>
            `<${table}>${[...entries].map(([name, value]) => `<entry name="${name}">${value}</entry>`).join("")}</${table}>`,
    ),
    "</sysinfo>",
].join("\n");

/**
 * No clock of the host's beyond the CMOS clock that every PC has (ID-08, ID-09). `track="guest"` runs that
 * one by the guest's own time once it is on: no step of the host's clock, nor where its seconds begin, shows
 * in it.
 */
const clock = (attributes: string): string =>
    [
        `<clock ${attributes}>`,
        '<timer name="rtc" tickpolicy="catchup" track="guest"/><timer name="pit" tickpolicy="delay"/>',
        '<timer name="hpet" present="no"/><timer name="kvmclock" present="no"/><timer name="hypervclock" present="no"/>',
        "</clock>",
    ].join("\n");

/** The number in a Workstation's description, as text. */
const OFFSET = `<xsl:variable name="offset" select="substring-after(string(/domain/description),'${CLOCK_PREFIX}')"/>`;

/** Whole, in its one spelling, within the window. What is no number at all is in no range. */
const offsetChecks = (window: number): string[] => [
    refuse("count(/domain/description)!=1", "it has not one description"),
    refuse(
        `concat('${CLOCK_PREFIX}',$offset)!=string(/domain/description)`,
        "its description holds no clock offset",
    ),
    refuse("string(floor(number($offset)))!=$offset", "its clock offset is no whole number"),
    refuse(
        `not(number($offset)&gt;=-${window} and number($offset)&lt;=${window})`,
        "its clock offset is outside the window",
    ),
];

/** What the names of the guest's own volumes begin with. */
const OWN = `<xsl:variable name="own" select="concat(/domain/name,'-')"/>`;

/** XPath: a disk on a volume of the guest's own that ends like this (values/disk-files.ts, diskOf). */
function ownDisk(suffix: string): string {
    const rest = "substring-after(source/@volume,$own)";
    const after = GENERATION_LENGTH + 1;
    return (
        `/domain/devices/disk[starts-with(source/@volume,$own) and substring(${rest},${after})='${suffix}'` +
        ` and translate(substring(${rest},1,${GENERATION_LENGTH}),'${HEX_DIGITS}','')='']`
    );
}

/**
 * The path of a disk's file is the folder below and the volume's name, so only this may come in: two volumes
 * of this pool, named like this guest's own overlay and seed, and where there is a data pool its one data
 * volume there. A name with a slash is another folder's.
 */
const diskChecks = (role: Role, pool: PoolPlan, data: PoolPlan | undefined): string[] => {
    const count = data === undefined ? 2 : 3;
    return [
        refuse("count(/domain/name)!=1 or contains(/domain/name,'/')", "it has not one name without a slash"),
        refuse(
            `count(/domain/devices/disk)!=${count}`,
            `it has exactly ${data === undefined ? "two disks, an overlay and a seed" : "three disks: an overlay, a seed and a data volume"}`,
        ),
        refuse(
            `count(/domain/devices/disk[@type='volume' and @device='disk' and count(source)=1 and count(source/@*)=2 and source/@volume])!=${count}`,
            "a disk that is no volume",
        ),
        refuse(
            `count(/domain/devices/disk[source/@pool='${pool.name}'])!=2`,
            `a volume of another pool than ${pool.name}`,
        ),
        refuse(`count(${ownDisk(OVERLAY_SUFFIX)})!=1`, "it has not one overlay of its own"),
        refuse(`count(${ownDisk(SEED_SUFFIX)})!=1`, "it has not one seed of its own"),
        ...(data === undefined
            ? []
            : [
                  refuse(
                      `count(/domain/devices/disk[source/@pool='${data.name}' and source/@volume=concat(/domain/name,'${dataDisk(role).suffix}')])!=1`,
                      `it has not one data volume of its own in pool ${data.name}`,
                  ),
              ]),
    ];
};

/**
 * Disks as files: libvirt writes the files that it finds in a guest's XML into the profile that confines it,
 * and none for a disk of type volume (virt-aa-helper.c, get_files; libvirt 9.0 to 12.8).
 */
const disks = (role: Role, { path }: PoolPlan, data: PoolPlan | undefined): string => {
    const source = `<source file="${path}/{source/@volume}"/>`;
    return [
        `<xsl:template match="disk[substring(source/@volume,string-length(source/@volume)-${SEED_SUFFIX.length - 1})='${SEED_SUFFIX}']" priority="3">`,
        `<disk type="file" device="disk"><driver name="qemu" type="raw"/>${source}<target dev="vdb" bus="virtio"/><readonly/></disk>`,
        "</xsl:template>",
        ...(data === undefined
            ? []
            : [
                  `<xsl:template match="disk[source/@pool='${data.name}']" priority="4">`,
                  `<disk type="file" device="disk"><driver name="qemu" type="raw" discard="unmap"/><source file="${data.path}/{source/@volume}"/>` +
                      `<target dev="vdc" bus="virtio"/><serial>${dataDisk(role).serial}</serial></disk>`,
                  "</xsl:template>",
              ]),
        '<xsl:template match="disk[@device=\'disk\']" priority="2">',
        `<disk type="file" device="disk"><driver name="qemu" type="qcow2" discard="unmap"/>${source}<target dev="vda" bus="virtio"/></disk>`,
        "</xsl:template>",
    ].join("\n");
};

/**
 * Workstations on one bridge do not reach each other (NT-18); the Gateway's ports stay open to them. What is
 * left, the host's own stack behind the bridge, a filter takes away (DD-16): it is called like the network.
 */
const nics = (role: Role): string =>
    [
        "<xsl:template match=\"interface[@type='network']\">",
        '<interface type="network"><xsl:copy-of select="mac"/><source network="{source/@network}"/><model type="virtio"/>' +
            `<rom enabled="no"/>${role === "workstation" ? '<port isolated="yes"/><filterref filter="{source/@network}"/>' : ""}</interface>`,
        "</xsl:template>",
    ].join("\n");

const serial = (role: Role, statusPath: string): string =>
    role === "gateway"
        ? `<serial type="pty"><log file="${statusPath}/{/domain/name}${STATUS_SUFFIX}" append="off"/><target type="isa-serial" port="0"/></serial>`
        : '<serial type="pty"><target type="isa-serial" port="0"/></serial>';

const NIC_COUNT: Readonly<Record<Role, number>> = { gateway: 2, workstation: 1 };

/**
 * What a domain's stylesheet depends on; nothing of one Workstation's own, so that all of a role share one
 * text.
 */
export interface DomainStylesheet {
    readonly role: Role;
    readonly virt: VirtPlan;
    /**
     * The enclave's pool of overlays and seeds: the only one whose volumes are taken, and the folder of their
     * files.
     */
    readonly pool: PoolPlan;
    /** The enclave's pool of volumes that outlive their guests; absent: the guest has none of them. */
    readonly dataPool?: PoolPlan;
    /** Folder of the enclave's status pool. */
    readonly statusPath: string;
    /**
     * Processors of the lab host that the guest runs on, as values/cpuset.ts spells them (SH-06); absent:
     * any.
     */
    readonly cpus?: string;
    /**
     * Most that the clock is off, in seconds: a Workstation's. A Gateway's is right: tor judges the consensus
     * by it.
     */
    readonly clockWindowSeconds?: number;
}

const vcpu = (cpus: string | undefined): string =>
    cpus === undefined
        ? '<xsl:copy-of select="vcpu"/>'
        : `<vcpu placement="static" cpuset="${formatCpuset(parseCpuset(cpus))}"><xsl:value-of select="vcpu"/></vcpu>`;

/**
 * The stylesheet for a domain of a role.
 * @throws RangeError for processors that are none, for a Workstation without a window that is allowed, and for a Gateway
 * with one; for a pool or folder whose name has other characters than `A-Z a-z 0-9 . _ -`, or a part `.` or
 * `..`
 */
export function domainStylesheet({
    role,
    virt,
    pool,
    dataPool,
    statusPath,
    cpus,
    clockWindowSeconds: window,
}: DomainStylesheet): string {
    // A Workstation's has no status file.
    const pools = [pool, ...(dataPool === undefined ? [] : [dataPool])];
    const strange =
        [...pools.map(({ path }) => path), ...(role === "gateway" ? [statusPath] : [])].find(
            (path) => !isPlainFolder(path),
        ) ?? pools.find(({ name }) => !isPlainName(name))?.name;
    if (strange !== undefined) {
        throw new RangeError(
            `"${strange}" in a stylesheet; a pool's name and absolute folders of A-Z a-z 0-9 . _ - are allowed`,
        );
    }
    if (dataPool !== undefined && (dataPool.name === pool.name || dataPool.path === pool.path)) {
        throw new RangeError(`pool ${pool.name} for disks and data alike; data has a pool of its own`);
    }
    const emulated = virt.type === "qemu";
    const sane =
        window !== undefined &&
        Number.isInteger(window) &&
        window >= CLOCK_WINDOW.least &&
        window <= CLOCK_WINDOW.most;
    if (role === "workstation" ? !sane : window !== undefined) {
        throw new RangeError(
            `a ${role}'s clock with a window of ${window ?? "no"} seconds; a Workstation has ${CLOCK_WINDOW.least} to ${CLOCK_WINDOW.most}, a Gateway none`,
        );
    }
    return sheet(
        OWN,
        ...(window === undefined ? [] : [OFFSET]),
        '<xsl:template match="/">',
        refuse("count(/domain)!=1", "not one domain"),
        refuse(
            "count(/domain/devices/hostdev|/domain/devices/filesystem|/domain/devices/shmem|/domain/devices/redirdev)&gt;0",
            "a device of the host or a shared folder",
        ),
        refuse(
            `count(/domain/devices/interface)!=${NIC_COUNT[role]}`,
            `a ${role} has exactly ${NIC_COUNT[role]} NIC(s)`,
        ),
        refuse(
            "count(/domain/devices/interface[not(@type='network')])&gt;0",
            "a NIC that is not on a declared network",
        ),
        ...diskChecks(role, pool, dataPool),
        ...(window === undefined ? [] : offsetChecks(window)),
        '<xsl:apply-templates select="domain"/></xsl:template>',
        '<xsl:template match="domain">',
        `<domain type="${virt.type}">`,
        // Read back by the provider: what is declared stays what is there.
        `<xsl:copy-of select="name|uuid${window === undefined ? "" : "|description"}"/>`,
        '<memory unit="{memory/@unit}" dumpCore="off"><xsl:value-of select="memory"/></memory>',
        vcpu(cpus),
        "<memoryBacking><nosharepages/></memoryBacking>",
        SYSINFO,
        `<os><type arch="x86_64" machine="${MACHINE}">hvm</type><boot dev="hd"/><bootmenu enable="no"/><smbios mode="sysinfo"/></os>`,
        `<features><acpi/><apic/><pae/>${emulated ? `<tcg><tb-cache unit="MiB">${TCG_CACHE_MIB}</tb-cache></tcg>` : ""}` +
            '<pmu state="off"/><vmport state="off"/></features>',
        `<cpu mode="custom" match="exact" check="none"><model fallback="forbid">${virt.cpuModel}</model>${
            emulated ? "" : '<feature policy="disable" name="vmx"/><feature policy="disable" name="svm"/>'
        }</cpu>`,
        clock(window === undefined ? 'offset="utc"' : 'offset="variable" adjustment="{$offset}" basis="utc"'),
        "<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>",
        '<pm><suspend-to-mem enabled="no"/><suspend-to-disk enabled="no"/></pm>',
        "<devices>",
        // No emulator: libvirt takes its own, and no input can name a wrapper around it (DD-10).
        '<xsl:apply-templates select="devices/disk|devices/interface"/>',
        '<controller type="usb" model="none"/>',
        serial(role, statusPath),
        '<memballoon model="none"/>',
        '<rng model="virtio"><rate bytes="65536" period="1000"/><backend model="random">/dev/urandom</backend></rng>',
        "</devices>",
        "</domain>",
        "</xsl:template>",
        disks(role, pool, dataPool),
        nics(role),
    );
}

/** `<bridge>` of a network that libvirt makes one for. @throws RangeError for what is no zone's name */
function ownBridge(zone: string | undefined): string {
    if (zone !== undefined && !ZONE_NAME.test(zone)) {
        throw new RangeError(`"${zone}" is no name of a zone: ${ZONE_NAME.source} is allowed`);
    }
    return `<bridge name="{bridge/@name}" stp="off" delay="0"${zone === undefined ? "" : ` zone="${zone}"`}/>`;
}

/**
 * The stylesheet for an isolated network: a bridge and nothing else. No forwarding, no address, no DHCP, no
 * DNS (NT-01 to NT-05); without an address libvirt also switches IPv6 off on the bridge.
 * @param zone of firewalld that the bridge is put in (NT-27)
 */
export const isolatedNetworkStylesheet = (zone?: string): string =>
    sheet(
        '<xsl:template match="/network">',
        `<network><xsl:copy-of select="name|uuid"/>${ownBridge(zone)}<dns enable="no"/></network>`,
        "</xsl:template>",
    );

/**
 * The stylesheet for the NAT network: IPv4 NAT for one static address, no DHCP and no resolver on the host
 * (NT-12, NT-13).
 */
export const natNetworkStylesheet = (zone?: string): string =>
    sheet(
        '<xsl:template match="/network">',
        `<network><xsl:copy-of select="name|uuid"/><forward mode="nat"/>${ownBridge(zone)}<dns enable="no"/>`,
        '<ip address="{ip/@address}" family="ipv4" prefix="{ip/@prefix}"/></network>',
        "</xsl:template>",
    );

/**
 * The stylesheet for a network on a bridge that the host already has: libvirt attaches to it and sets nothing
 * up.
 */
export const BRIDGE_NETWORK_STYLESHEET = sheet(
    '<xsl:template match="/network">',
    '<network><xsl:copy-of select="name|uuid"/><forward mode="bridge"/><bridge name="{bridge/@name}"/></network>',
    "</xsl:template>",
);

/**
 * The stylesheet for a volume: readable by none but root and the emulator that libvirt hands it to (HS-17).
 */
export const PRIVATE_VOLUME_STYLESHEET = sheet(
    '<xsl:template match="node()|@*"><xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy></xsl:template>',
    '<xsl:template match="/volume/target/permissions/mode"><mode>0600</mode></xsl:template>',
);

/**
 * The stylesheet for a volume that outlives its guest: as private, and its file takes room as it is written.
 * Without an allocation libvirt fills a raw volume at once.
 */
export const DATA_VOLUME_STYLESHEET = sheet(
    '<xsl:template match="node()|@*"><xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy></xsl:template>',
    '<xsl:template match="/volume/target/permissions/mode"><mode>0600</mode></xsl:template>',
    '<xsl:template match="/volume/allocation"/>',
    '<xsl:template match="/volume/capacity"><xsl:copy-of select="."/><allocation unit="bytes">0</allocation></xsl:template>',
);

/**
 * What a lab host has to have, asked before anything is declared: QEMU with our machine, the kind of
 * virtualisation and the processor's model, libvirt's driver for network filters, and a security driver that
 * confines guests. Without the first four `up` would fail half-way; the last is told, not refused: the proof
 * is about the network, and holds without.
 */
import { ConfigError, type ConfigProblem } from "../config/error";
import { virshSync, type VirshResult } from "./client";
import { virshFix, wholeComplaint } from "./errors";
import { callLimitMs } from "./limits";
import { parseXml, type XmlElement } from "../util/xml";
import { type Guest, guestsOf } from "../plan/guests";
import type { StackPlan, VirtPlan } from "../plan/plan";
import { MACHINE } from "./stylesheet";
import { type HostFacts, hostFacts, hostWarnings, isThisHost } from "./this-host";

/** Least limit in milliseconds: a libvirt that was just started asks every QEMU it has. */
const LIMIT_MS = 60_000;
/** The default model: what a host lacks of it (svm, on Intel), KVM hides from guests everywhere. */
const EVERYWHERE = "qemu64";
/**
 * Drivers that keep a guest's QEMU from what is not its own; `dac` is files' owners, of whom all guests are
 * one.
 */
const CONFINING = ["apparmor", "selinux"];

/** What of a stack's plan is asked for. */
type HostPlan = Pick<StackPlan, "uri" | "virt" | "enclaves">;

export interface HostFindings {
    readonly problems: readonly ConfigProblem[];
    readonly warnings: readonly string[];
}

/** The questions, as one word for virsh. */
export const questions = ({ type }: VirtPlan): string =>
    `capabilities; domcapabilities --virttype ${type} --arch x86_64 --machine ${MACHINE}; list --inactive --name; echo @running; list --name; echo @filters; nwfilter-list`;

function document(stdout: string, name: string): XmlElement | undefined {
    const text = new RegExp(`<${name}>[^]*?</${name}>`).exec(stdout)?.[0];
    try {
        return text === undefined ? undefined : parseXml(text);
    } catch {
        return undefined;
    }
}

const children = (element: XmlElement | undefined, name: string): XmlElement[] =>
    element?.children.filter((child) => child.name === name) ?? [];

/** libvirt's words on what its QEMU lacks: virQEMUCapsCacheLookupDefault in src/qemu/qemu_capabilities.c. */
const NO_MACHINE = /the machine '[^']*' is not supported/;
const NO_TYPE = /KVM is not supported by|the accel '[^']*' is not supported/;

function emulatorProblem(uri: string, { type }: VirtPlan, stderr: string): ConfigProblem {
    const said = wholeComplaint(stderr);
    if (NO_TYPE.test(stderr)) {
        return {
            property: "virt.type",
            value: type,
            allowed: `what QEMU of the host at ${uri} can do; libvirt says: ${said}`,
            fix:
                "enable virtualisation in the host's firmware and load its module (modprobe kvm_intel or kvm_amd), " +
                "or emulate, which is slow: bin/pulumi config set --path 'sallyport:virt.type' qemu",
        };
    }
    const allowed = NO_MACHINE.test(stderr)
        ? `the URI of a host whose QEMU has the machine ${MACHINE}, the same for everyone; libvirt says: ${said}`
        : `the URI of a host whose libvirt knows its QEMU for x86_64; libvirt says: ${said || "nothing"}`;
    return {
        property: "uri",
        value: uri,
        allowed,
        fix: "install QEMU 6.2 or newer on that host (Debian: apt-get install qemu-system-x86) and restart libvirtd",
    };
}

/** Judge what a host has said. Pure. */
export function hostFindings(
    uri: string,
    virt: VirtPlan,
    { outcome, stdout, stderr = "" }: VirshResult,
): HostFindings {
    const problems: ConfigProblem[] = [];
    const warnings: string[] = [];
    const emulator = document(stdout, "domainCapabilities");
    if (emulator === undefined) {
        problems.push(emulatorProblem(uri, virt, stderr));
    } else {
        const modes = children(children(emulator, "cpu")[0], "mode").filter(
            ({ attributes }) => attributes["name"] === "custom",
        );
        const models = children(modes[0], "model");
        const model = models.find(({ text }) => text.trim() === virt.cpuModel);
        const usable = models
            .filter(({ attributes }) => attributes["usable"] !== "no")
            .map(({ text }) => text.trim());
        if (model === undefined) {
            problems.push({
                property: "virt.cpuModel",
                value: virt.cpuModel,
                allowed: `a model of that host's QEMU: ${usable.join(", ") || "it names none"}`,
                fix: "bin/pulumi config set --path 'sallyport:virt.cpuModel' qemu64",
            });
        } else if (model.attributes["usable"] === "no" && virt.cpuModel !== EVERYWHERE) {
            warnings.push(
                `sallyport:virt.cpuModel: the host at ${uri} lacks features of ${virt.cpuModel}, so its guests look different from others' with this model; ` +
                    "fix: bin/pulumi config set --path 'sallyport:virt.cpuModel' qemu64",
            );
        }
    }
    if (outcome !== "ok") {
        problems.push({
            property: "uri",
            value: uri,
            allowed: `the URI of a libvirt with its driver for network filters, which each Workstation's NIC needs; libvirt says: ${
                stderr
                    .trim()
                    .split("\n")
                    .at(-1)
                    ?.replace(/^error:\s*/, "") || "nothing"
            }`,
            fix:
                "on that host, as root: apt-get install libvirt-daemon-system ebtables && systemctl restart libvirtd " +
                "(a modular libvirt: systemctl enable --now virtnwfilterd.socket)",
        });
    }
    const host = document(stdout, "capabilities");
    const drivers = children(children(host, "host")[0], "secmodel").flatMap((one) =>
        children(one, "model").map(({ text }) => text.trim()),
    );
    if (!drivers.some((name) => CONFINING.includes(name))) {
        warnings.push(
            `the libvirt at ${uri} confines no guest (its security drivers: ${drivers.join(", ") || "none that it names"}): ` +
                "code that breaks out of a guest's QEMU has all that QEMU's user has there, other guests' disks among it; fix: on that host, as root: " +
                'apt-get install apparmor, boot with it, no security_driver = "none" in /etc/libvirt/qemu.conf, systemctl restart libvirtd',
        );
    }
    return { problems, warnings };
}

const names = (text: string): ReadonlySet<string> => new Set(text.split("\n").map((line) => line.trim()));

/** What is said of guests that are off: Pulumi leaves them as they are. Pure. @param stdout of the questions */
export function offWarnings(stdout: string, guests: readonly Guest[]): string[] {
    const lines = names(stdout.split("@running")[0] ?? "");
    const off = guests.filter(({ domain }) => lines.has(domain)).map(({ name }) => name);
    return off.length === 0
        ? []
        : [`stopped: ${off.join(", ")}; Pulumi leaves that as it is; fix: bin/sallyport start`];
}

/**
 * Asks a host all of it in one call, for with ssh each call is a login.
 * @throws ConfigError when it does not answer in time
 */
function askHost(uri: string, virt: VirtPlan): VirshResult {
    const limitMs = callLimitMs(uri, LIMIT_MS);
    const answer = virshSync(uri, [questions(virt)], limitMs);
    if (answer.outcome === "time-out" || answer.outcome === "missing") {
        throw new ConfigError([
            {
                property: "uri",
                value: uri,
                allowed: `the URI of a libvirt that answers; ${answer.message}`,
                fix: virshFix(answer.outcome, uri, limitMs),
            },
        ]);
    }
    return answer;
}

/**
 * Check a lab host.
 * @param ask for tests
 * @param facts of this machine, where it is the lab host; for tests
 * @returns warnings, a line each
 * @throws ConfigError naming each thing that is missing
 */
export function requireHost(
    plan: HostPlan,
    ask: (uri: string, virt: VirtPlan) => VirshResult = askHost,
    facts: (uri: string) => HostFacts | undefined = (at) => (isThisHost(at) ? hostFacts() : undefined),
): readonly string[] {
    const { uri, virt } = plan;
    const answer = ask(uri, virt);
    const { problems, warnings } = hostFindings(uri, virt, answer);
    if (problems.length > 0) {
        throw new ConfigError(problems);
    }
    const here = facts(uri);
    const running = names(/@running\n([^]*)@filters/.exec(answer.stdout)?.[1] ?? "");
    return [
        ...warnings,
        ...(here === undefined ? [] : hostWarnings(plan, here, running)),
        ...offWarnings(answer.stdout, guestsOf(plan)),
    ];
}

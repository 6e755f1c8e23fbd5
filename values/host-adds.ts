/**
 * What libvirt itself adds to a guest's XML on a lab host, by value: the one list for the live adapter, the
 * rules and model/live-domain. Whatever is not exactly this is a finding as before.
 */

/**
 * qemuDomainDefAddDefaultDevices (libvirt src/qemu/qemu_postparse.c, 9.1 and later) adds this to every q35
 * guest that has no iTCO watchdog of its own, so it cannot be switched off; 9.0 does not know the model, so
 * it cannot be declared either. It belongs to the chipset, starts when the guest's driver arms it, and then
 * resets that guest: what a guest can do to itself anyway. Other actions are not allowed: dump writes the
 * guest's memory to the host's disk, pause stops its clock.
 */
export const WATCHDOG: Readonly<Record<string, string>> = { model: "itco", action: "reset" };

/**
 * qemuInitCgroup (libvirt src/qemu/qemu_cgroup.c): the parent of every guest's cgroup, where the daemon uses
 * cgroups.
 */
export const PARTITION = "/machine";

/** Attributes and elements of one `<seclabel>`, names in lower case. */
export type SecLabel = readonly (readonly [name: string, text: string])[];

const MAC = ["apparmor", "selinux"];
const PARTS = ["type", "model", "relabel", "label", "imagelabel"];
const CONTEXT = /^[a-z_]+_u:[a-z_]+_r:svirt(?:_tcg)?_t:s0:(c\d+),(c\d+)$/;
const IMAGE = /^[a-z_]+_u:object_r:svirt_image_t:s0:(c\d+),(c\d+)$/;
/** `+UID:+GID` (virSecurityDACGenLabel). */
const USER = /^\+([1-9]\d{0,9}):\+([1-9]\d{0,9})$/;
/** (uid_t)-1 is no user's, and what is larger wraps round to root. */
const NO_ID = 0xffff_ffff;

export const labelPart = (label: SecLabel, name: string): string | undefined =>
    label.find(([key]) => key === name)?.[1];

/** What a label has to be for the guest with this UUID; undefined: it is that. */
function valueProblem(model: string, text: string, image: string, uuid: string): string | undefined {
    switch (model) {
        case "apparmor":
            return text === `libvirt-${uuid}` && image === text ? undefined : `"libvirt-${uuid}" is allowed`;
        case "selinux": {
            const [own, files] = [CONTEXT.exec(text), IMAGE.exec(image)];
            return own !== null &&
                files !== null &&
                own[1] !== own[2] &&
                own[1] === files[1] &&
                own[2] === files[2]
                ? undefined
                : "svirt_t or svirt_tcg_t with two categories, and svirt_image_t with the same two, are allowed";
        }
        default: {
            const ids = (USER.exec(text) ?? []).slice(1).map(Number);
            return ids.length === 2 && ids.every((id) => id < NO_ID) && image === text
                ? undefined
                : "a user and a group that are not root's are allowed";
        }
    }
}

function labelProblem(label: SecLabel, uuid: string): string | undefined {
    const names = label.map(([name]) => name);
    const [type, model = "", relabel, text = "", image = ""] = PARTS.map((name) => labelPart(label, name));
    const what = `seclabel of model ${model === "" ? "none" : model}`;
    const odd = names.find((name, i) => !PARTS.includes(name) || names.indexOf(name) !== i);
    if (odd !== undefined) {
        return `${what} has ${PARTS.includes(odd) ? "more than one" : "a"} ${odd}`;
    }
    if (model !== "dac" && !MAC.includes(model)) {
        return `${what}: apparmor or selinux, and dac are allowed`;
    }
    if (type !== "dynamic" || relabel !== "yes") {
        return `${what} has type ${type ?? "none"} and relabel ${relabel ?? "none"}; dynamic and yes are allowed`;
    }
    const wrong = valueProblem(model, text, image, uuid);
    return wrong === undefined
        ? undefined
        : `${what} has label "${text}" and imagelabel "${image}"; ${wrong}`;
}

/**
 * Why a guest that runs is not confined as libvirt's drivers confine it by themselves; empty when it is: one
 * label of AppArmor's or SELinux's that is this guest's own, and a user who is not root (libvirt
 * formatdomain, "Security label").
 * @param uuid the guest's own
 */
export function labelProblems(labels: readonly SecLabel[], uuid: string): readonly string[] {
    const of = (models: readonly string[]): number =>
        labels.filter((label) => models.includes(labelPart(label, "model") ?? "")).length;
    const counts: readonly (readonly [string, number])[] = [
        ["of AppArmor or SELinux", of(MAC)],
        ["of model dac", of(["dac"])],
    ];
    return [
        ...counts
            .filter(([, n]) => n !== 1)
            .map(([what, n]) => `it runs with ${n} labels ${what}; exactly one is needed`),
        ...labels.map((label) => labelProblem(label, uuid)).filter((problem) => problem !== undefined),
    ];
}

/**
 * What tells a guest's files from another's: AppArmor's profile or SELinux's two categories, which no two
 * guests may share; undefined for a label that separates no guests.
 */
export function separates(label: SecLabel): string | undefined {
    const text = labelPart(label, "label") ?? "";
    const model = labelPart(label, "model") ?? "";
    const categories = CONTEXT.exec(text);
    if (model === "apparmor" && text !== "") {
        return `apparmor ${text}`;
    }
    return categories === null ? undefined : `selinux ${[categories[1], categories[2]].sort().join(",")}`;
}

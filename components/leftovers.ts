/**
 * What an interrupted `up` leaves behind: libvirt has the object, the stack's state does not, and the
 * provider would only say that it exists. A hook looks right before each creation. A domain that was defined
 * and never started is nothing but a definition and is removed, and so is a data volume into which nothing
 * was ever written; anything else is named with the command that lists it, since it may belong to another
 * state of the same stack, and hold what its user wants to keep.
 */
import * as pulumi from "@pulumi/pulumi";
import { type Ask, askVirsh, virshLine } from "../libvirt/client";
import { isDataVolume, isEmpty } from "../libvirt/data-volumes";
import { type Kind, kindOfType, type LibvirtObject, question } from "../libvirt/objects";
import { cleanupHint } from "./cleanup-hint";

/**
 * Look whether an object that is about to be created is there already. A domain that never started is removed.
 * @throws Error naming what is there and the command that lists what removes it
 */
export async function assertNoLeftover(
    kind: Kind,
    inputs: { readonly name?: unknown; readonly pool?: unknown },
    uri: string,
    stack: string,
    ask: Ask = askVirsh(uri),
): Promise<void> {
    if (typeof inputs.name !== "string" || (kind === "volume" && typeof inputs.pool !== "string")) {
        throw new Error(`a ${kind} without a plain name can't be checked for leftovers`);
    }
    const { name } = inputs;
    const object: LibvirtObject = { kind, name: kind === "volume" ? `${String(inputs.pool)}/${name}` : name };
    // Of a domain virsh does not say whether it is absent or could not be asked for.
    const listed =
        kind !== "domain" || ((await ask(["list", "--all", "--name"])) ?? "").split("\n").includes(name);
    const answer = listed ? await ask(question(object)) : undefined;
    if (answer === undefined) {
        return;
    }
    if (kind === "domain" && answer.trim() === "shut off") {
        await ask(["undefine", name]);
        return;
    }
    const data = kind === "volume" && isDataVolume(String(inputs.pool), name);
    if (data && isEmpty(answer)) {
        await ask(["vol-delete", "--pool", String(inputs.pool), name]);
        return;
    }
    if (data) {
        throw new Error(
            `volume ${name} is at ${uri} already, with data, and this stack's state does not know it: it is kept, and another state of this stack may own it; ` +
                `fix: go back to the state that knows it; or keep its content: ${virshLine(uri, "vol-download", "--pool", String(inputs.pool), name, `${name}.raw`)} ; ` +
                `and only then: ${virshLine(uri, "vol-delete", "--pool", String(inputs.pool), name)}`,
        );
    }
    throw new Error(
        `${kind} ${name} is at ${uri} already and this stack's state does not know it; fix: ${cleanupHint(stack)}`,
    );
}

/** The hook for every libvirt resource of a stack. It does not run at preview. */
export function leftoverHook(prefix: string, uri: string): pulumi.ResourceHook {
    const stack = pulumi.getStack();
    return new pulumi.ResourceHook(`${prefix}-leftovers`, async (args) => {
        const kind = kindOfType(args.type);
        if (kind === undefined) {
            throw new Error(`no leftovers are known for ${args.type}`);
        }
        await assertNoLeftover(
            kind,
            (args.newInputs ?? {}) as { name?: unknown; pool?: unknown },
            uri,
            stack,
        );
    });
}

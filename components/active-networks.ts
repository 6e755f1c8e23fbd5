/**
 * Networks of a guest that is about to be made are active: a guest is made and started in one, and the networks of a
 * stopped enclave, or of one after a reboot of its host, are off. The provider does not see that they are.
 */
import * as pulumi from "@pulumi/pulumi";
import { type Ask, askVirsh } from "../libvirt/client";

/** Names of the networks that a domain's inputs name. */
function networksOf(inputs: Readonly<Record<string, unknown>>): string[] {
    const nics: readonly unknown[] = Array.isArray(inputs["networkInterfaces"])
        ? inputs["networkInterfaces"]
        : [];
    return nics.flatMap((nic) => {
        const name = (nic as { networkName?: unknown } | null)?.networkName;
        return typeof name === "string" ? [name] : [];
    });
}

/**
 * Start those networks that are there and off.
 * @throws Error when one stays off, with libvirt's complaint
 */
async function requireActive(networks: readonly string[], ask: Ask): Promise<void> {
    const names = async (...more: string[]): Promise<string[]> =>
        ((await ask(["net-list", "--name", ...more])) ?? "").split("\n").map((line) => line.trim());
    const off = await names("--inactive");
    for (const name of networks.filter((one) => off.includes(one))) {
        try {
            await ask(["net-start", name]);
        } catch (error) {
            // Another guest of that network may have started it.
            if (!(await names()).includes(name)) {
                throw error;
            }
        }
    }
}

/** The hook before each guest. */
export const activeNetworksHook = (prefix: string, uri: string): pulumi.ResourceHook =>
    new pulumi.ResourceHook(`${prefix}-active-networks`, (args) =>
        requireActive(networksOf((args.newInputs ?? {}) as Record<string, unknown>), askVirsh(uri)),
    );

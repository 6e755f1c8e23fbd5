/** Forms of single values in the settings: names, addresses, bridges, lines, folders, processors. */
import { z } from "zod";
import { isAddress, parseSubnet } from "../values/addresses";
import { parseCpuset } from "../values/cpuset";
import {
    BRIDGE_FORM,
    HOST_BRIDGE_FORM,
    OWN_BRIDGE_FORM,
    isHostBridge,
    isInterfaceName,
    isOwnBridge,
} from "../values/bridges";
import { FOLDER_FORM, isPoolRoot } from "../values/host-paths";
import { uriObjection } from "../values/libvirt-uri";

/** Form of the names of enclaves and Workstations. */
export const NAME_FORM = "1 to 24 characters a-z, 0-9 and -, beginning with a letter, not ending with -";

export const name = z.string().regex(/^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$/, NAME_FORM);

const interfaceName = z.string().refine(isInterfaceName, { error: BRIDGE_FORM, abort: true });

/** One that libvirt makes. */
export const bridge = interfaceName.refine(isOwnBridge, OWN_BRIDGE_FORM);

/** One that the host has. */
export const hostBridge = interfaceName.refine(isHostBridge, HOST_BRIDGE_FORM);

export const ADDRESS_FORM = "an IPv4 address such as 192.0.2.10";

export const address = z.string().refine(isAddress, ADDRESS_FORM);

const MAC_FORM = "a MAC in lower case under QEMU's prefix, such as 52:54:00:12:34:56";

export const mac = z
    .string()
    .regex(/^52:54:00(:[0-9a-f]{2}){3}$/, MAC_FORM)
    .optional()
    .meta({
        description: "MAC of the Gateway's NIC on the external network.",
        allowed: MAC_FORM,
        defaults: "derived from the names of project, stack and enclave",
        examples: ["52:54:00:12:34:56"],
    });

const tryOr = (parse: () => unknown): string | undefined => {
    try {
        parse();
        return undefined;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
};

export const subnet = z.string().superRefine((text, context) => {
    const message = tryOr(() => parseSubnet(text));
    if (message !== undefined) {
        context.addIssue({ code: "custom", message: `an IPv4 subnet such as 10.140.7.0/24 (${message})` });
    } else if (parseSubnet(text).prefix < 16 || parseSubnet(text).prefix > 30) {
        context.addIssue({ code: "custom", message: "an IPv4 subnet between /16 and /30" });
    }
});

export const INTERFACE_ADDRESS_FORM = "an address with its prefix length, such as 192.0.2.10/24";

export const interfaceAddress = z.string().superRefine((text, context) => {
    const [host, prefix, ...rest] = text.split("/");
    const length = Number(prefix);
    if (
        host === undefined ||
        rest.length > 0 ||
        !isAddress(host) ||
        !/^\d+$/.test(prefix ?? "") ||
        length < 8 ||
        length > 30
    ) {
        context.addIssue({ code: "custom", message: INTERFACE_ADDRESS_FORM });
    }
});

export const ONE_LINE_FORM = "one line of 1 to 400 printable ASCII characters";

export const oneLine = z.string().regex(/^[\x20-\x7e]{1,400}$/, ONE_LINE_FORM);

export const libvirtUri = z.string().superRefine((text, context) => {
    const message = uriObjection(text);
    if (message !== undefined) {
        context.addIssue({ code: "custom", message });
    }
});

export const poolRoot = z.string().refine(isPoolRoot, FOLDER_FORM);

export const cpus = z.string().superRefine((text, context) => {
    const message = tryOr(() => parseCpuset(text));
    if (message !== undefined) {
        context.addIssue({
            code: "custom",
            message: `processors of the lab host as libvirt writes them, such as 2-5,8 (${message})`,
        });
    }
});

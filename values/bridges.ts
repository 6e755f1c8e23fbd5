/** Names of bridges: which ones a network may make, and which ones of the host's a Gateway may be put on. */
import { MAX_INTERFACE_NAME } from "./names";

const NAME = new RegExp(`^[A-Za-z0-9_.-]{1,${MAX_INTERFACE_NAME}}$`);

/** Made by libvirt, Docker, LXC, LXD, Incus, CNI and Podman for guests and containers of their own. */
const FOREIGN =
    /^(virbr\d+(-nic)?|docker\d*|br-[0-9a-f]{12}|lxcbr\d+|lxdbr\d+|incusbr\d+|cni\d+|cbr\d+|podman\d+)$/;

/** As `bridgeName` in names.ts makes them: some enclave's. */
const ENCLAVES = /^sp[0-9a-f]{8}[ix]$/;

/** What a name looks like, for messages. */
export const BRIDGE_FORM = `an interface name of 1 to ${MAX_INTERFACE_NAME} characters (IFNAMSIZ) out of A-Z a-z 0-9 _ . -`;
export const isInterfaceName = (name: string): boolean => NAME.test(name) && name !== "." && name !== "..";

/** For a bridge that libvirt makes for a network of the stack. */
export const OWN_BRIDGE_FORM =
    "a name of its own, which does not begin with virbr, docker, br-, lxc, lxd, incus, cni, cbr or podman";
export const isOwnBridge = (name: string): boolean =>
    isInterfaceName(name) && !/^(virbr|docker|br-|lxcbr|lxdbr|incusbr|cni|cbr|podman)/.test(name);

/** For a bridge that the host has, with its LAN behind it. */
export const HOST_BRIDGE_FORM =
    "a bridge of the host's LAN, such as br0: no bridge for guests or containers (virbr0, docker0 …), and no enclave's";
export const isHostBridge = (name: string): boolean =>
    isInterfaceName(name) && !FOREIGN.test(name) && !ENCLAVES.test(name);

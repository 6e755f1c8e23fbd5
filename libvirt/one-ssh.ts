/** One ssh that carries virsh and the provider alike: the command that messages and README give. */
import type { LibvirtUri } from "../values/libvirt-uri";

/** Where libvirt listens, and where the provider looks when the URI names no socket. */
export const LIBVIRT_SOCKET = "/var/run/libvirt/libvirt-sock";

/** The forwarded socket's usual place on the operator's machine. */
const FORWARDED_SOCKET = "/run/sallyport-lab.sock";

/**
 * Options with which the forwarding fails early: without the first, ssh goes on although it forwards nothing;
 * without the second, the socket that an earlier one left is in its way; the others end it within 45 s when
 * the host is gone (ssh_config(5)).
 */
const OPTIONS = [
    "ExitOnForwardFailure=yes",
    "StreamLocalBindUnlink=yes",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=3",
];

/**
 * The command.
 * @param target ssh's words for the host: `user@host`
 */
export const oneSsh = (target: string, local = FORWARDED_SOCKET, remote = LIBVIRT_SOCKET): string =>
    `ssh -N ${OPTIONS.map((option) => `-o ${option}`).join(" ")} -L ${local}:${remote} ${target}`;

/** The same for the host of a qemu+ssh URI. */
const oneSshTo = ({ port, user, host, parameters }: LibvirtUri): string =>
    oneSsh(
        `${port === undefined ? "" : `-p ${port} `}${user}@${host}`,
        FORWARDED_SOCKET,
        parameters["socket"],
    );

/** What to do for a host whose ssh is slow, or that is reached by another way than straight. */
export const oneSshInstead = (uri: LibvirtUri): string =>
    `let one ssh carry both: ${oneSshTo(uri)}, and bin/pulumi config set sallyport:uri 'qemu:///system?socket=${FORWARDED_SOCKET}'`;

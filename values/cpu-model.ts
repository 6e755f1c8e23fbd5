/**
 * Names of CPU models that are the host's own (libvirt formatdomain, "cpu"; qemu-system-x86_64 -cpu help): a
 * fingerprint of it.
 */
const HOSTS_OWN = /^(host|max|host-passthrough|host-model|maximum)$/i;

/** Whether a model of this name hands the host's own CPU to a guest. */
export const isHostCpu = (name: string): boolean => HOSTS_OWN.test(name);

/**
 * The programs that a guest may run on: QEMU, where a distribution puts it. Any other file could be a wrapper that gives
 * QEMU a network of its own. Who names none gets libvirt's choice, which is one of these.
 */
export const EMULATOR = /^\/usr\/(local\/)?bin\/qemu-(system-x86_64|kvm)$/;

/**
 * The programs that a guest may run on: QEMU, where a distribution's package puts it (Debian, Ubuntu, Fedora,
 * Arch: qemu-system-x86_64; RHEL: /usr/libexec/qemu-kvm; Debian's old name: kvm). Any other file, in
 * /usr/local too, could be a wrapper that gives QEMU a network of its own. Who names none gets libvirt's
 * choice, which is one of these.
 */
export const EMULATOR = /^\/usr\/(bin\/(qemu-system-x86_64|qemu-kvm|kvm)|libexec\/qemu-kvm)$/;

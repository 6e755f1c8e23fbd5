/** Generated: every file in this folder. UPDATE_DOCS=1, see docs/writing-a-rule.md. */
export { default as disksArePrivate } from "./disks-are-private";
export { default as libvirtIsReachedSafely } from "./libvirt-is-reached-safely";
export { default as oneHost } from "./one-host";

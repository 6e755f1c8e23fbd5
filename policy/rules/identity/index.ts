/** Generated: every file in this folder. UPDATE_DOCS=1, see docs/writing-a-rule.md. */
export { default as clockIsUtc } from "./clock-is-utc";
export { default as displayKeepsItsSize } from "./display-keeps-its-size";
export { default as domainNameIsHidden } from "./domain-name-is-hidden";
export { default as gatewaysLookAlikeInside } from "./gateways-look-alike-inside";
export { default as macsAreUnique } from "./macs-are-unique";
export { default as namedCpuModel } from "./named-cpu-model";
export { default as noDiskSerialsOrBootRom } from "./no-disk-serials-or-boot-rom";
export { default as noHostClocksOrCounters } from "./no-host-clocks-or-counters";
export { default as noHostSerialNumbers } from "./no-host-serial-numbers";
export { default as oneHostNameForAll } from "./one-host-name-for-all";
export { default as uuidsAreUnique } from "./uuids-are-unique";
export { default as workstationMacFollowsAddress } from "./workstation-mac-follows-address";

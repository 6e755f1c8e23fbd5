/** Generated: every file in this folder. UPDATE_DOCS=1, see docs/writing-a-rule.md. */
export { default as aptHasItsOwnPort } from "./apt-has-its-own-port";
export { default as disksAreBasedOnTheCheckedImage } from "./disks-are-based-on-the-checked-image";
export { default as filesBelongToRoot } from "./files-belong-to-root";
export { default as firewallNamesTheSameNics } from "./firewall-names-the-same-nics";
export { default as nicsByMac } from "./nics-by-mac";
export { default as noCommands } from "./no-commands";
export { default as noExceptionsFromTor } from "./no-exceptions-from-tor";
export { default as noOtherDataSource } from "./no-other-data-source";
export { default as noPackagesAtBoot } from "./no-packages-at-boot";
export { default as noPasswords } from "./no-passwords";
export { default as noPhoneHome } from "./no-phone-home";
export { default as noPrivateKeys } from "./no-private-keys";
export { default as noSsh } from "./no-ssh";
export { default as oneSeedPerGuest } from "./one-seed-per-guest";
export { default as onlyKnownParts } from "./only-known-parts";
export { default as secretsAreDeclaredSecret } from "./secrets-are-declared-secret";
export { default as workstationNamesNothingOutside } from "./workstation-names-nothing-outside";

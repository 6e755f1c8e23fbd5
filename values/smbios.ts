/**
 * The SMBIOS tables that every guest has, the same for everyone and nothing of the host's: `<sysinfo
 * type="smbios">` (libvirt, formatdomain). A guest reads each of these with dmidecode, so no other value may
 * stand there (ID-04, ID-11).
 */
export const SMBIOS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
    [
        "bios",
        new Map([
            ["vendor", "Generic"],
            ["version", "1"],
        ]),
    ],
    [
        "system",
        new Map([
            ["manufacturer", "Generic"],
            ["product", "PC"],
            ["version", "1"],
            ["serial", "0"],
        ]),
    ],
    [
        "baseBoard",
        new Map([
            ["manufacturer", "Generic"],
            ["product", "PC"],
        ]),
    ],
]);

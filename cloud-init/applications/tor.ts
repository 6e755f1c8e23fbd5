/** No tor inside tor: the image carries tor for Gateways; on a Workstation it may never connect. */
import { PATHS } from "../guest";
import { lines } from "../text";
import { rootFile, type GuestFile } from "../user-data";

export const disabledTor = (): GuestFile[] => [
    rootFile(PATHS.torrc, lines("torrc", "DisableNetwork 1", "SocksPort 0")),
];

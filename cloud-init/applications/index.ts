/**
 * Every application's settings on a Workstation, each pointing at the SocksPort that the port table gives it.
 * wget and irssi know no SOCKS: the image has wrappers in their place (image/rootfs/usr/bin).
 */
import type { GuestFile } from "../user-data";
import { apt } from "./apt";
import { curl } from "./curl";
import { git } from "./git";
import { gpg } from "./gpg";
import { shell } from "./shell";
import { ssh } from "./ssh";
import { disabledTor } from "./tor";
import { torsocks } from "./torsocks";

export const applicationFiles = (gateway: string, control: boolean): GuestFile[] =>
    [torsocks, curl, git, apt, ssh]
        .flatMap((application) => application(gateway))
        .concat(gpg(), shell(gateway, control), disabledTor());

/** Every application's settings on a Workstation, each pointing at the SocksPort that the port table gives it. */
import type { GuestFile } from "../user-data.js";
import { apt } from "./apt.js";
import { curl } from "./curl.js";
import { git } from "./git.js";
import { shell } from "./shell.js";
import { ssh } from "./ssh.js";
import { disabledTor } from "./tor.js";
import { torsocks } from "./torsocks.js";

export const applicationFiles = (gateway: string): GuestFile[] =>
    [torsocks, curl, git, apt, ssh, shell].flatMap((application) => application(gateway)).concat(disabledTor());

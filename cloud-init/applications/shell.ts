/** Login shells: Tor Browser is told to use the Gateway's tor instead of starting one. */
import { CONTROL_PORT, TOR_BROWSER_PORT } from "../../values/ports";
import { lines } from "../text";
import { rootFile, type GuestFile } from "../user-data";

export const shell = (gateway: string, control: boolean): GuestFile[] => [
    rootFile(
        "/etc/profile.d/sallyport.sh",
        lines(
            "profile",
            `# Tor Browser: the Gateway's tor, and ${control ? "its filtered" : "no"} control port.`,
            control
                ? `export TOR_SKIP_LAUNCH=1 TOR_CONTROL_HOST=${gateway} TOR_CONTROL_PORT=${CONTROL_PORT}`
                : "export TOR_SKIP_LAUNCH=1 TOR_SKIP_CONTROLPORTTEST=1",
            `export TOR_SOCKS_HOST=${gateway} TOR_SOCKS_PORT=${TOR_BROWSER_PORT}`,
        ),
    ),
];

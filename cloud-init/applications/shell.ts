/**
 * Login shells: Tor Browser is told to use the Gateway's tor instead of starting one (TorLauncherUtil,
 * TorProviderBuilder). Never TOR_TRANSPROXY: with it tabs would share circuits.
 */
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
                : // Without it the browser looks for a control port first, and sets no proxy when it finds none.
                  "export TOR_SKIP_LAUNCH=1 TOR_PROVIDER=none",
            `export TOR_SOCKS_HOST=${gateway} TOR_SOCKS_PORT=${TOR_BROWSER_PORT}`,
        ),
    ),
];

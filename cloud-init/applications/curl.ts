/** curl: its SocksPort for the user and for root (curl(1), "-K"); `curl -q` goes without, over TransPort. */
import { socksPortOf } from "../../values/ports";
import { lines } from "../text";
import { rootFile, type GuestFile } from "../user-data";

export function curl(gateway: string): GuestFile[] {
    // socks5h: the name is resolved by the exit, not here.
    const content = lines("curl", `proxy = "socks5h://${gateway}:${socksPortOf("curl")}"`);
    return ["/home/user/.curlrc", "/etc/skel/.curlrc", "/root/.curlrc"].map((path) =>
        rootFile(path, content),
    );
}

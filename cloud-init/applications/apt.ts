/**
 * apt: its SocksPort (apt-transport-http(1)); ftp and rsh methods are not offered. The image has no source
 * and no user of it is root: this is for who fetches packages into a folder of their own, or made root a way
 * in themselves.
 */
import { socksPortOf } from "../../values/ports";
import { lines } from "../text";
import { rootFile, type GuestFile } from "../user-data";

export function apt(gateway: string): GuestFile[] {
    const proxy = `"socks5h://${gateway}:${socksPortOf("apt")}"`;
    return [
        rootFile(
            "/etc/apt/apt.conf.d/90sallyport",
            lines("apt", `Acquire::http::Proxy ${proxy};`, `Acquire::https::Proxy ${proxy};`),
        ),
    ];
}

/**
 * git: its SocksPort for http(s) (git-config(1), http.proxy); ssh remotes take ssh's, git:// falls to
 * TransPort.
 */
import { socksPortOf } from "../../values/ports";
import { lines } from "../text";
import { rootFile, type GuestFile } from "../user-data";

export const git = (gateway: string): GuestFile[] => [
    rootFile(
        "/etc/gitconfig",
        lines("git", "[http]", `    proxy = socks5h://${gateway}:${socksPortOf("git")}`),
    ),
];

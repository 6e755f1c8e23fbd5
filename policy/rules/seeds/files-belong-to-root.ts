import { eachFile, wrongFile } from "../../helpers/seed";
import type { Rule } from "../../rule";

/** Holds the tunnel's key: networkd, which is not root, reads it. */
const TUNNEL = /^\/etc\/systemd\/network\/20-tun0\.netdev$/;

const PLACES = [
    TUNNEL,
    /^\/etc\/systemd\/network\/20-tun0\.network$/,
    /^\/etc\/sallyport\/control\.json$/,
    /^\/etc\/sallyport\/(data|role|ruleset\.nft|ruleset-open\.nft|time\.json)$/,
    /^\/etc\/sysctl\.d\/90-sallyport\.conf$/,
    /^\/etc\/tor\/(torrc|torsocks\.conf)$/,
    /^\/etc\/resolv\.conf$/,
    /^\/etc\/systemd\/network\/10-cloud-init-[a-z0-9]+\.network\.d\/sallyport\.conf$/,
    /^\/etc\/apt\/apt\.conf\.d\/90sallyport$/,
    /^\/etc\/gitconfig$/,
    /^\/(home\/user|etc\/skel|root)\/\.curlrc$/,
    /^\/etc\/profile\.d\/sallyport\.sh$/,
    /^\/usr\/local\/bin\/socks-connect$/,
    /^\/etc\/gnupg\/dirmngr\.conf$/,
    /^\/etc\/ssh\/ssh_config\.d\/30-sallyport\.conf$/,
];

const rule: Rule = {
    id: "CI-16",
    title: "Files of a seed are root's, where this project puts them, and no one else may write them",
    why: "A file in another place may be a unit, a hook, a library.",
    severity: "high",
    fix: "Leave files to this project; add a file to cloud-init's builders.",
    scope: "seed",
    check: (model) =>
        eachFile(model, "all", (file, domain) => [
            ...(PLACES.some((place) => place.test(file.path))
                ? []
                : [wrongFile(domain, file, "this project writes no such file")]),
            ...((file.owner ?? "root:root") ===
            (TUNNEL.test(file.path) ? "root:systemd-network" : "root:root")
                ? []
                : [wrongFile(domain, file, `owner ${file.owner ?? ""}`)]),
            ...(/^0?[4-7][0145][0145]$/.test(file.permissions ?? "0644")
                ? []
                : [wrongFile(domain, file, `mode ${file.permissions ?? ""}`)]),
            ...(/[1357]$/.test(file.permissions ?? "0644") && !file.path.startsWith("/usr/local/bin/")
                ? [wrongFile(domain, file, `mode ${file.permissions ?? ""}: executable`)]
                : []),
        ]),
};

export default rule;

import { NIC } from "../../../cloud-init/guest";
import { eachFile, wrongFile } from "../../helpers/seed";
import type { Rule } from "../../rule";

/**
 * WireGuard's key comes from the configuration, as a secret (CI-10); its peer has to know the other half
 * beforehand.
 */
const TUNNEL = `/etc/systemd/network/20-${NIC.tunnel}.netdev`;

const rule: Rule = {
    id: "CI-11",
    title: "No private key is in a seed but the tunnel's",
    why: "A seed is a file on the host, readable as long as the guest lives.",
    severity: "critical",
    fix: "Generate keys inside the guest.",
    scope: "seed",
    check: (model) =>
        eachFile(model, "all", (file, domain) =>
            (file.path !== TUNNEL &&
                /-----BEGIN [A-Z ]*PRIVATE KEY-----|== ed25519v1-secret|^\s*PrivateKey\s*=/m.test(
                    file.content,
                )) ||
            /hs_ed25519_secret_key|\/id_(rsa|ed25519|ecdsa)$|\/wireguard\//.test(file.path)
                ? [wrongFile(domain, file, "it holds a private key")]
                : [],
        ),
};

export default rule;

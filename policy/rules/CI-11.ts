import { eachFile, wrongFile } from "../families/seed";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "CI-11",
    title: "No private key is in a seed",
    why: "A seed is a file on the host, readable as long as the guest lives.",
    severity: "critical",
    fix: "Generate keys inside the guest.",
    check: (model) => eachFile(model, "all", (file, domain) => /-----BEGIN [A-Z ]*PRIVATE KEY-----|== ed25519v1-secret|^\s*PrivateKey\s*=/m.test(file.content) || /hs_ed25519_secret_key|\/id_(rsa|ed25519|ecdsa)$|\/wireguard\//.test(file.path)
        ? [wrongFile(domain, file, "it holds a private key")] : []),
};

export default rule;

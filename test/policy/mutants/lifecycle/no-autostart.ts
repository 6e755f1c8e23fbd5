import { DOMAIN, ofType, set, short, type Mutants } from "../mutant";

const mutants: Mutants = (stack) =>
    ofType(stack, DOMAIN).map((domain) => ({
        title: `${short(domain)}: starts with the host`,
        rule: "LC-02",
        change: set(domain.urn, { autostart: true }),
    }));

export default mutants;

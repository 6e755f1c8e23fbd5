/** Generated: every file in this folder. UPDATE_DOCS=1, see docs/writing-a-rule.md. */
export { default as admitsOpenPortsOnly } from "./admits-open-ports-only";
export { default as dropsAreCounted } from "./drops-are-counted";
export { default as dropsByPolicy } from "./drops-by-policy";
export { default as dropsInvalidPackets } from "./drops-invalid-packets";
export { default as ipv6IsDropped } from "./ipv6-is-dropped";
export { default as kernelIgnoresNeighbours } from "./kernel-ignores-neighbours";
export { default as namesTorsUser } from "./names-tors-user";
export { default as noSpoofedAddresses } from "./no-spoofed-addresses";
export { default as onlyAnswersFromOutside } from "./only-answers-from-outside";
export { default as onlyTorConnectsOutside } from "./only-tor-connects-outside";
export { default as reachesNoLan } from "./reaches-no-lan";
export { default as redirectsInOrder } from "./redirects-in-order";
export { default as rewritesOnlyToTor } from "./rewrites-only-to-tor";
export { default as routesNothing } from "./routes-nothing";
export { default as rulesetReplacesEverything } from "./ruleset-replaces-everything";
export { default as udpIsDnsAlone } from "./udp-is-dns-alone";
export { default as workstationFirewall } from "./workstation-firewall";

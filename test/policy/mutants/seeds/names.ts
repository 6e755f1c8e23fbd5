/** Paths of a seed's files, and the names of both roles' seeds. */

export const RULESET = "/etc/sallyport/ruleset.nft";

export const TORRC = "/etc/tor/torrc";

export const SYSCTL = "/etc/sysctl.d/90-sallyport.conf";

export const GATEWAY = /-gateway-seed$/;

export const WORKSTATION = /-workstation-.*-seed$/;

/**
 * gpg: its network part is dirmngr, a program of its own that may run already, with a resolver of its own.
 * use-tor has it speak SOCKS alone, names included (dirmngr(8)), to a tor on 127.0.0.1:9050 and no other:
 * there the image's sallyport-local-tor.socket listens, and carries to gpg's SocksPort.
 */
import { lines } from "../text";
import { rootFile, type GuestFile } from "../user-data";

export const gpg = (): GuestFile[] => [rootFile("/etc/gnupg/dirmngr.conf", lines("dirmngr", "use-tor"))];

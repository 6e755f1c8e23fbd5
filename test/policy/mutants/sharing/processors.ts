/** What ties networks and guests to their host: zones of firewalld, processors. In both providers' words. */
import { OPEN_ZONES } from "../../../../values/zones";
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, NETWORK, UNKNOWN, edit, ofType, short, type Mutant } from "../mutant";

type Props = Record<string, unknown>;

/** Change the one place of a stylesheet, or of the properties that stand for it; undefined takes it away. */
const sheetOr =
    (
        attribute: RegExp,
        write: (value: string) => string,
        recent: (props: Props, value: string | undefined) => void,
    ) =>
    (urn: string, value: string | undefined): Mutant["change"] =>
        edit(urn, (props) => {
            const xml = props["xml"] as { xslt: string } | undefined;
            if (xml === undefined) {
                recent(props, value);
                return;
            }
            const xslt = xml.xslt.replace(attribute, value === undefined ? "" : write(value));
            if (xslt === xml.xslt) {
                throw new Error(`nothing to change in the stylesheet of ${urn}`);
            }
            props["xml"] = { xslt };
        });

function put(props: Props, key: string, value: string | undefined): void {
    if (value === undefined) {
        Reflect.deleteProperty(props, key);
    } else {
        props[key] = value;
    }
}

const zone = sheetOr(
    / zone="[^"]*"/,
    (value) => ` zone="${value}"`,
    (props, value) => put(props["bridge"] as Props, "zone", value),
);
const cpuset = sheetOr(
    / cpuset="[^"]*"/,
    (value) => ` cpuset="${value}"`,
    (props, value) => put(props, "vcpuCpuset", value),
);
const unpinned = sheetOr(
    /<vcpu placement="static" cpuset="[^"]*"><xsl:value-of select="vcpu"\/><\/vcpu>/,
    (value) => value,
    (props) => put(props, "vcpuCpuset", undefined),
);

/** @param stack whose networks name zones, and whose two enclaves have processors of their own */
export function hostMutants(stack: readonly FixtureResource[]): Mutant[] {
    const domains = ofType(stack, DOMAIN);
    const isRecent = domains.some((d) => d.props["xml"] === undefined);
    return [
        ...ofType(stack, NETWORK).flatMap((n) =>
            [...OPEN_ZONES, ...(isRecent ? [UNKNOWN] : [])].map((name): Mutant => ({
                title: `${short(n)}: in firewalld's zone ${name === UNKNOWN ? "that is not known" : name}`,
                rule: "NT-27",
                change: zone(n.urn, name),
            })),
        ),
        ...domains.flatMap((d): Mutant[] => [
            {
                title: `${short(d)}: on any processor, unlike its enclave`,
                rule: "SH-06",
                change: unpinned(d.urn, isRecent ? undefined : '<xsl:copy-of select="vcpu"/>'),
            },
            {
                title: `${short(d)}: on another enclave's processor`,
                rule: "SH-06",
                change: cpuset(d.urn, d.name.includes("-odd-") ? "2,4-5,7" : "4-6"),
            },
            ...(isRecent
                ? ["", "2-", "all", "^2", UNKNOWN].map((value): Mutant => ({
                      title:
                          `${short(d)}: on processors ` +
                          `"${value === UNKNOWN ? "that are not known" : value}"`,
                      rule: "SH-06",
                      change: cpuset(d.urn, value),
                  }))
                : []),
        ]),
    ];
}

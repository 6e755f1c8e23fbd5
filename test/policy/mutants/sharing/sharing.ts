/** What two guests or two enclaves may not have in common, and undeclared members. */
import type { FixtureResource } from "../../fixtures/resources";
import {
    DOMAIN,
    NETWORK,
    SEED,
    edit,
    editFile,
    editUserData,
    nicOn,
    nicsOf,
    ofType,
    type Mutant,
} from "../mutant";

const strangersNic = (like: FixtureResource, network: FixtureResource): Record<string, unknown> => {
    const nics = [nicOn(like.props, "network", network.props["name"], "52:54:00:00:00:09")];
    return like.props["devices"] === undefined
        ? { networkInterfaces: nics }
        : { devices: { interfaces: nics } };
};

/** @param stack a good one of either provider with two enclaves */
export const sharingMutants = (stack: readonly FixtureResource[]): Mutant[] => {
    const [red, blue] = ofType(stack, DOMAIN, /-gateway$/);
    const isolated = ofType(stack, NETWORK, /-isolated$/);
    const both = (s: FixtureResource[]): void =>
        edit(red?.urn ?? "", (p) => {
            nicsOf(p).push(
                nicOn(
                    p,
                    "network",
                    isolated.find((n) => !n.name.startsWith(red?.name.replace(/-gateway$/, "") ?? ""))?.props[
                        "name"
                    ],
                    "52:54:00:98:98:0c",
                ),
            );
        })(s);
    return red === undefined || blue === undefined
        ? []
        : [
              { title: "a Gateway on the isolated networks of two enclaves", rule: "SH-05", change: both },
              { title: "a Gateway with two isolated networks", rule: "SH-10", change: both },
              {
                  title: "one onion service on two Gateways",
                  rule: "SH-03",
                  change: (s) => {
                      ofType(s, SEED, /-gateway-seed$/).forEach((seed) =>
                          editFile(
                              seed.urn,
                              "/etc/tor/torrc",
                              (text) =>
                                  `${text}HiddenServiceDir ` +
                                  `/var/lib/tor/service\nHiddenServicePort 80 10.152.152.11:80\n`,
                          )(s),
                      );
                  },
              },
              {
                  title: "one tunnel's key on two Gateways",
                  rule: "SH-03",
                  change: (s) => {
                      ofType(s, SEED, /-gateway-seed$/).forEach((seed) =>
                          editUserData(seed.urn, (data) => {
                              data.write_files.push({
                                  path: "/etc/systemd/network/20-tun0.netdev",
                                  content: "[WireGuard]\nPrivateKey=yAnz5TF=\n",
                                  owner: "root:root",
                                  permissions: "0640",
                              });
                          })(s),
                      );
                  },
              },
              ...isolated.map((network): Mutant => ({
                  title: `${network.name}: a member that is not declared as Gateway or Workstation`,
                  rule: "NT-10",
                  change: (s) => {
                      s.push({
                          urn: `urn:pulumi:test::sallyport::${DOMAIN}::stranger`,
                          type: DOMAIN,
                          name: "stranger",
                          props: { name: "stranger", ...strangersNic(red, network) },
                          dependencies: [],
                          propertyDependencies: {},
                      });
                  },
              })),
          ];
};

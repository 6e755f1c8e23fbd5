import { undecided } from "../../check";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "HS-19",
    title: "A stack is on one host",
    why:
        "It is one host per stack: the program binds a stack to one host, and no URI shows that two " +
        "hosts are two machines (two names, a forwarded port, another socket). What shares a machine " +
        "unseen is not compared: networks, bridges, subnets, folders, processors.",
    severity: "high",
    fix: "Give each host a stack of its own, and one provider with one URI to each stack.",
    limits: "Spellings of one URI are one host. Two stacks on one host do not see each other: see LC-16.",
    check: (model) => {
        const records = [model.networks, model.domains, model.volumes, model.pools, model.seeds].flat();
        const used = new Set(records.map((record) => record.host));
        const [first, ...more] = model.hosts.filter((host) => used.has(host.key));
        return first === undefined
            ? []
            : more.map((host) =>
                  undecided(
                      host.key,
                      `${host.key} and ${first.key} may lead to one machine; one host is allowed`,
                      host.uri.at,
                  ),
              );
    },
};

export default rule;

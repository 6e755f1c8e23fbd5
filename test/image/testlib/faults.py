"""What can be wrong with a Gateway's seed: name, a function of its files, and what the status line must
say."""

RULES, SYSCTL, ROLE = "/etc/sallyport/ruleset.nft", "/etc/sysctl.d/90-sallyport.conf", "/etc/sallyport/role"
NETWORK = "/etc/systemd/network/10-cloud-init-ext0.network"


def without(path):
    return lambda files: {name: content for name, content in files.items() if name != path}


def instead(path, content):
    return lambda files: {**files, path: content}


def edited(path, old, new):
    """@raises ValueError when there is nothing to replace: the fault would be none"""

    def change(files):
        if old not in files[path]:
            raise ValueError(f"{path} holds no {old!r}")
        return {**files, path: files[path].replace(old, new, 1)}

    return change


def corrupt(files):
    return edited(RULES, "policy drop", "policy dorp")(files)


def open_beside(files):
    """A rule and another table say what the role's table does not do."""
    output = "hook output priority 0; policy drop"
    changed = edited(
        RULES,
        output,
        'hook output priority 0; policy accept; counter comment "type filter hook output priority 0; policy drop;"',
    )(files)
    more = "".join(
        f"table {name} {{\n  chain more {{ type filter {output}; }}\n}}\n"
        for name in ("ip sallyport", "inet sallyport2")
    )
    return {**changed, RULES: changed[RULES] + more}


ROLE_FAULTS = [
    ("ruleset corrupt", corrupt, r"ruleset refused"),
    (
        "ruleset cut off",
        lambda files: {**files, RULES: files[RULES][: len(files[RULES]) // 2]},
        r"ruleset refused",
    ),
    ("ruleset empty", instead(RULES, ""), r"missing or empty"),
    ("ruleset missing", without(RULES), r"missing or empty"),
    (
        "ruleset open",
        edited(RULES, "hook output priority 0; policy drop", "hook output priority 0; policy accept"),
        r"does not drop by default on hook output",
    ),
    ("ruleset open beside others that drop", open_beside, r"does not drop by default on hook output"),
    ("ruleset without flush", edited(RULES, "flush ruleset\n", ""), r"does not begin with flush ruleset"),
    (
        "ruleset of another table",
        edited(RULES, "table inet sallyport {", "table inet harbour {"),
        r"table inet sallyport is not there",
    ),
    ("role missing", without(ROLE), r"no /etc/sallyport/role"),
    ("role unknown", instead(ROLE, "gateway or so\n"), r"neither gateway nor workstation"),
    ("role empty", instead(ROLE, ""), r"neither gateway nor workstation"),
    ("sysctl unknown", instead(SYSCTL, "net.ipv4.ip_forwrad = 0\n"), r"sysctl: .*ip_forwrad"),
    ("sysctl missing", without(SYSCTL), r"missing or empty"),
    (
        "DHCP",
        instead(NETWORK, "[Match]\nMACAddress=52:54:00:00:00:01\n[Network]\nDHCP=ipv4\n"),
        r"only static addresses",
    ),
    (
        "LLDP",
        instead(NETWORK, "[Match]\nMACAddress=52:54:00:00:00:01\n[Network]\nEmitLLDP=yes\n"),
        r"only static addresses",
    ),
]

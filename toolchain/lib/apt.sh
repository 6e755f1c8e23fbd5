# shellcheck shell=bash
# Packages of the system. Only what is missing is installed, and nothing that is installed is started or enabled: a tor
# that starts by itself would use the public network, a libvirtd would alter the host's firewall.

POLICY=/usr/sbin/policy-rc.d
POLICY_SAVED=$POLICY.before-sallyport
POLICY_MARK='# Written by sallyport toolchain/setup while it installs packages; safe to remove.'

wanted_packages() { sed -E 's/[[:space:]]*#.*//; /^$/d' "$ROOT/toolchain/apt-packages"; }

missing_packages() {
    local package
    for package in $(wanted_packages); do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
    done
}

# Names of the services that exist: systemd units and init scripts.
services() {
    find /lib/systemd/system /etc/init.d -maxdepth 1 -type f \
        \( -path '/etc/init.d/*' -o -name '*.service' -o -name '*.socket' -o -name '*.timer' \) 2>/dev/null | LC_ALL=C sort
}

forbid_starts() {
    allow_starts # after a run that was killed
    if [ -e $POLICY ]; then as_root mv $POLICY $POLICY_SAVED; fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" | as_root tee $POLICY >/dev/null
    as_root chmod 755 $POLICY
}

allow_starts() {
    if [ -e $POLICY ] && grep -qF "$POLICY_MARK" $POLICY; then as_root rm -f $POLICY; fi
    if [ -e $POLICY_SAVED ]; then as_root mv $POLICY_SAVED $POLICY; fi
}

# disable_new BEFORE: services that were not there before stay off at the next boot as well.
disable_new() {
    local path name
    comm -13 "$1" <(services) | while read -r path; do
        name=$(basename "$path")
        case $path in
            /etc/init.d/*) as_root update-rc.d "$name" disable >/dev/null 2>&1 || true ;; # has no runlevels
            *) as_root systemctl disable --quiet "$name" >/dev/null 2>&1 || true ;;       # static or template unit
        esac
        if have systemctl && [ "$(systemctl is-enabled "$name" 2>/dev/null)" = enabled ]; then
            fail "$name is still enabled" "sudo systemctl disable $name"
        fi
    done
}

install_packages() {
    local missing before log=$LOGS/apt.log status=0
    have dpkg-query || fail "this is not Debian or Ubuntu" \
        "install by hand what toolchain/apt-packages lists, then set SALLYPORT_SKIP_PACKAGES=1"
    mapfile -t missing < <(missing_packages)
    if [ ${#missing[@]} = 0 ]; then say "system packages: all installed"; return; fi
    local by_hand="sudo apt-get install --no-install-recommends ${missing[*]}"
    [ "$(id -u)" = 0 ] || have sudo || fail "packages are missing and there is neither root nor sudo" "as root: ${by_hand#sudo }"

    say "installing ${missing[*]}"
    before=$(mktemp)
    services >"$before"
    trap 'allow_starts' EXIT
    forbid_starts
    (
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
    ) >"$log" 2>&1 9>&- &
    watch_job "apt-get" "$log" $! || status=$?
    allow_starts
    trap - EXIT
    disable_new "$before"
    rm -f "$before"
    if [ $status != 0 ]; then log_tail "$log"; fail "apt-get could not install the packages" "$by_hand"; fi
}

# shellcheck shell=bash
# The golden image's cloud-init for its schema check of the seeds that the project writes. The package is unpacked, not
# installed: installed it would act at the next boot of this machine.

CLOUD_INIT=$TOOLCHAIN/cloud-init

unpack_cloud_init() {
    local suite want work log=$LOGS/cloud-init.log
    suite=$(<"$ROOT/image/suite")
    want=$(fingerprint "cloud-init $suite" -- toolchain/lib/cloud-init.sh)
    if stamped cloud-init "$want" && [ -d "$CLOUD_INIT" ]; then
        return
    fi
    unstamp cloud-init
    say "fetching cloud-init for its schema command"
    work=$(mktemp -d "$TOOLCHAIN/cloud-init.XXXXXX")
    chmod 755 "$work"
    (
        APT_CONFIG=$("$ROOT/image/lib/lists" "$suite" "$ROOT/.image/apt-$suite") && export APT_CONFIG &&
            cd "$work" && apt-get download cloud-init
    ) >"$log" 2>&1 || {
        rm -rf "$work"; log_tail "$log"
        fail "cannot download the cloud-init package" "sudo apt-get update"
    }
    dpkg-deb -x "$work"/cloud-init*.deb "$work/root"
    [ -d "$work/root/usr/lib/python3/dist-packages/cloudinit" ] || fail "the cloud-init package has no Python code in it"
    dpkg-deb -f "$work"/cloud-init*.deb Version >"$work/root/VERSION"
    rm -rf "$CLOUD_INIT"
    mv "$work/root" "$CLOUD_INIT"
    rm -rf "$work"
    install -m 755 "$ROOT/toolchain/cloud-init-schema" "$BIN/cloud-init-schema"
    stamp cloud-init "$want"
}

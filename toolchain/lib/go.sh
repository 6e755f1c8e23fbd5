# shellcheck shell=bash
# What is built from Go modules. Versions and checksums of all sources are in the committed go.mod and go.sum; the Go
# client verifies them. A binary is built beside its place, checksummed and renamed, so that a broken build is never used.

STAMP_ENGINE="-s -w
 -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$PULUMI_VERSION
 -X github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/version.version=v$BRIDGE_VERSION"
BRIDGE_BINARY=pulumi-home/plugins/resource-terraform-provider-v$BRIDGE_VERSION/pulumi-resource-terraform-provider

# platform: as Go names it.
platform() {
    case $(uname -m) in
        x86_64) printf linux_amd64 ;;
        aarch64) printf linux_arm64 ;;
        *) fail "$(uname -m) is not supported" "use a machine with an x86_64 or arm64 processor" ;;
    esac
}

provider_binary() {
    printf 'pulumi-home/dynamic_tf_plugins/%s/dmacvicar/libvirt/%s/%s/terraform-provider-libvirt_v%s' \
        "$PROVIDER_HOST" "$LIBVIRT_VERSION" "$(platform)" "$LIBVIRT_VERSION"
}

check_go() {
    local version dir
    if ! have go && [ -x /usr/local/go/bin/go ]; then PATH=$PATH:/usr/local/go/bin; fi
    have go || fail "Go is missing, and something has to be built" \
        "install Go $GO_MINIMUM or newer (go.dev/doc/install), or Pulumi 3.$PULUMI_MINIMUM_MINOR or newer"
    # Asked inside the module: an older Go fetches the release that go.mod names.
    version=$(cd "$ROOT/toolchain/engine" && go env GOVERSION 2>&1) || fail "go does not run: $version" "install Go $GO_MINIMUM or newer"
    at_least "${version#go}" "$GO_MINIMUM" || fail "$version is too old" "install Go $GO_MINIMUM or newer (go.dev/doc/install)"
    for dir in "$(go env GOCACHE)" "$(go env GOMODCACHE)"; do
        mkdir -p "$dir"
        [ "$(df -Pm "$dir" | awk 'NR == 2 {print $4}')" -ge 3000 ] ||
            fail "less than 3 GB are free at $dir, where Go keeps what it builds" "free space there, or set GOCACHE and GOMODCACHE"
    done
}

# The pins are in two places, here for paths and in go.mod for Go; they must agree.
check_pins() {
    local pin
    for pin in "engine pulumi/pkg/v3 v$PULUMI_VERSION" "engine pulumi-terraform-bridge/v3 v$BRIDGE_MODULE_VERSION" \
        "provider dmacvicar/terraform-provider-libvirt v$LIBVIRT_VERSION" "tofu opentofu/opentofu v$TOFU_VERSION"; do
        # shellcheck disable=SC2086
        set -- $pin
        grep -qF "$2 $3" "$ROOT/toolchain/$1/go.mod" || fail "toolchain/$1/go.mod does not pin $2 $3" \
            "make toolchain/lib/versions.sh and toolchain/$1/go.mod agree"
    done
}

# go_build TITLE MODULE LDFLAGS OUT PACKAGE…: builds into the folder OUT, showing progress.
go_build() {
    local title=$1 module=$2 flags=$3 out=$4 log status=0
    shift 4
    log=$LOGS/go-$module.log
    # Without garbage collection the compiler is a third faster, for 2 GB per process.
    local gogc=100
    [ "$(awk '/MemAvailable/ {print int($2 / 1048576)}' /proc/meminfo)" -lt 9 ] || gogc=off
    (cd "$ROOT/toolchain/$module" &&
        CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOGC=$gogc \
            go build -v -mod=readonly -trimpath -ldflags "$flags" -o "$out/" "$@") >"$log" 2>&1 9>&- &
    watch_job "building $title" "$log" $! || status=$?
    if [ $status != 0 ]; then
        rm -rf "$out"; log_tail "$log"
        fail "the build of $title failed" "if a download failed, check the network and run make setup again"
    fi
}

# install_built SOURCE TARGET: moves a built binary to its place under .toolchain and records its checksum.
install_built() {
    mkdir -p "$(dirname "$TOOLCHAIN/$2")"
    chmod 755 "$1"
    mv "$1" "$TOOLCHAIN/$2"
    record "$2"
}

# build_engine all|bridge: the CLI, the language hosts (Node.js, YAML) and the bridge; or the bridge alone.
build_engine() {
    local what=$1 title="the Terraform bridge" want files=("$BRIDGE_BINARY") packages=(github.com/pulumi/pulumi-terraform-bridge/v3/dynamic) out
    if [ "$what" = all ]; then
        title="the engine"
        files+=(bin/pulumi bin/pulumi-language-nodejs bin/pulumi-language-yaml)
        packages+=(github.com/pulumi/pulumi/pkg/v3/cmd/pulumi ./pulumi-language-nodejs
            github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml)
    fi
    want=$(fingerprint "$what" "$STAMP_ENGINE" "$(uname -m)" -- toolchain/engine)
    if stamped engine "$want" && intact "${files[@]}"; then return; fi
    check_go
    unstamp engine
    step "Building $title from Go modules: minutes the first time"
    out=$(mktemp -d "$TOOLCHAIN/build.XXXXXX")
    go_build "$title" engine "$STAMP_ENGINE" "$out" "${packages[@]}"
    if [ "$what" = all ]; then
        rm -f "$BIN/pulumi" # may be a link to an installed one
        install_built "$out/pulumi" bin/pulumi
        install_built "$out/pulumi-language-nodejs" bin/pulumi-language-nodejs
        install_built "$out/pulumi-language-yaml" bin/pulumi-language-yaml
    fi
    install_built "$out/dynamic" "$BRIDGE_BINARY"
    rm -rf "$out"
    stamp engine "$want"
}

# patched_provider FOLDER: makes there copies of go-libvirt and of the provider, patched, and a go.mod that
# uses them. (go build -overlay would be simpler; it refuses files of the module cache.)
patched_provider() {
    local folder=$1 module=$ROOT/toolchain/provider path name source
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$module/go.mod" "$module/go.sum" "$folder/"
    for path in github.com/digitalocean/go-libvirt github.com/dmacvicar/terraform-provider-libvirt; do
        name=${path##*/}
        source=$(cd "$module" && go mod download -json "$path" 2>/dev/null | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
        [ -r "$source/go.mod" ] || fail "the source of $name could not be downloaded" "check the network and run make setup again"
        cp -r --no-preserve=mode "$source" "$folder/$name"
        apply_patch "$folder/$name" "$module/$name.patch"
        printf 'replace %s => %s\n' "$path" "$folder/$name" >>"$folder/go.mod"
    done
}

# apply_patch FOLDER FILE: to the letter, or not at all.
apply_patch() {
    local out
    have patch || fail "patch is missing" "apt install patch"
    out=$(patch --directory="$1" --strip=1 --fuzz=0 --forward --batch --reject-file=- <"$2" 2>&1) && ! grep -q offset <<<"$out" ||
        fail "$(basename "$2") does not fit this source: ${out//$'\n'/; }" "see whether the pinned version still has the fault; correct or drop the patch"
}

build_provider() {
    local want out target patched=$TOOLCHAIN/build-provider
    want=$(fingerprint "$(uname -m)" -- toolchain/provider)
    if stamped provider "$want" && intact "$(provider_binary)"; then return; fi
    check_go
    unstamp provider
    target=$(provider_binary)
    out=$(mktemp -d "$TOOLCHAIN/build.XXXXXX")
    patched_provider "$patched"
    go_build "the libvirt provider" provider "-s -w -X main.version=$LIBVIRT_VERSION" "$out" -modfile "$patched/go.mod" \
        github.com/dmacvicar/terraform-provider-libvirt
    install_built "$out/terraform-provider-libvirt" "$target"
    rm -rf "$out" "$patched"
    stamp provider "$want"
}

build_tofu() {
    local want out
    want=$(fingerprint "$(uname -m)" -- toolchain/tofu)
    if stamped tofu "$want" && intact bin/tofu; then return; fi
    check_go
    unstamp tofu
    step "Building OpenTofu for the benchmark: about 3 minutes on two cores"
    out=$(mktemp -d "$TOOLCHAIN/build.XXXXXX")
    go_build "OpenTofu" tofu "-s -w -X github.com/opentofu/opentofu/version.dev=no" "$out" github.com/opentofu/opentofu/cmd/tofu
    install_built "$out/tofu" bin/tofu
    rm -rf "$out"
    stamp tofu "$want"
}

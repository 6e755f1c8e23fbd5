# shellcheck shell=bash
# Which Pulumi is used, its plugins and the generated SDK.

# An installed Pulumi that is new enough and has its Node.js language host: prints its path.
installed_pulumi() {
    local candidate version host
    while read -r candidate; do
        candidate=$(readlink -f "$candidate")
        case $candidate in "$ROOT"/*) continue ;; esac
        version=$("$candidate" version 2>/dev/null) || continue
        version=${version#v}
        [ "${version%%.*}" = 3 ] && at_least "$version" "3.$PULUMI_MINIMUM_MINOR" || continue
        host=$(dirname "$candidate")/pulumi-language-nodejs
        [ -x "$host" ] || continue
        printf '%s\n' "$candidate"
        return
    done < <(type -aP pulumi | awk '!seen[$0]++')
    return 1
}

# built_here: .toolchain has an engine of its own, and not a link to an installed one.
built_here() { [ -f "$BIN/pulumi" ] && [ ! -L "$BIN/pulumi" ]; }

# choose_pulumi: sets ENGINE to "own", or to the path of the installed one. An engine that was built once stays, or `make
# test`, which needs it, and the next `make setup` would undo each other's work.
choose_pulumi() {
    local mode=${SALLYPORT_TOOLCHAIN:-auto}
    if [ "$mode" = auto ] && built_here; then mode=own; fi
    case $mode in
        own) ENGINE=own ;;
        installed) ENGINE=$(installed_pulumi) || fail "SALLYPORT_TOOLCHAIN=installed, but there is no Pulumi 3.$PULUMI_MINIMUM_MINOR or newer in PATH with pulumi-language-nodejs beside it" "unset SALLYPORT_TOOLCHAIN" ;;
        auto) ENGINE=$(installed_pulumi) || ENGINE=own ;;
        *) fail "SALLYPORT_TOOLCHAIN=$mode: it can be own, installed or auto (the default)" "unset SALLYPORT_TOOLCHAIN" ;;
    esac
}

# pulumi_quiet SECONDS LOG ARGUMENT…: our pulumi with a time limit, output to the log.
pulumi_quiet() {
    local limit=$1 log=$2
    shift 2
    timeout "$limit" "$BIN/pulumi" "$@" >>"$log" 2>&1 </dev/null
}

install_engine() {
    export PULUMI_SKIP_UPDATE_CHECK=true
    if [ "$ENGINE" = own ]; then
        rm -f "$STAMPS/plugins" # what was downloaded for an installed one is replaced
        build_engine all
        build_provider
        return
    fi
    say "using the installed $ENGINE"
    ln -sfn "$ENGINE" "$BIN/pulumi"
    rm -f "$BIN/pulumi-language-nodejs" "$BIN/pulumi-language-yaml"
    # The bridge and the provider are Pulumi's business then; they are built only where they cannot be downloaded.
    if stamped plugins downloaded; then return; fi
    if [ ! -e "$STAMPS/engine" ] && pulumi_quiet 180 "$LOGS/plugins.log" plugin install resource terraform-provider "v$BRIDGE_VERSION" &&
        pulumi_quiet 300 "$LOGS/plugins.log" package get-schema terraform-provider "dmacvicar/libvirt" "$LIBVIRT_VERSION"; then
        stamp plugins downloaded
        return
    fi
    [ -e "$STAMPS/engine" ] || say "the bridge and the provider cannot be downloaded (see $LOGS/plugins.log): building them"
    build_engine bridge
    build_provider
}

# Pulumi keeps a debug log of every command in its home, for support. A file in the folder's place switches that off: no
# records of what was deployed, and a twentieth of a second less for each command.
forbid_automatic_logs() {
    [ -f "$PULUMI_HOME/logs" ] && return
    rm -rf "$PULUMI_HOME/logs"
    printf 'A file here keeps Pulumi from writing a log of every command.\n' >"$PULUMI_HOME/logs"
}

# The command plugin: Pulumi's where it can be downloaded, our own otherwise (toolchain/command-plugin).
install_command_plugin() {
    local dir=$PULUMI_HOME/plugins/resource-command-v$COMMAND_VERSION want
    want=$(fingerprint -- toolchain/command-plugin package-lock.json)
    if stamped command-plugin official && [ -x "$dir/pulumi-resource-command" ]; then return; fi
    if stamped command-plugin "$want" && intact "${dir#"$TOOLCHAIN"/}/index.js"; then return; fi
    if [ -z "$(cat "$STAMPS/command-plugin" 2>/dev/null)" ]; then
        rm -rf "$dir" # whatever is there was not put there by a set-up that ended
        if pulumi_quiet 30 "$LOGS/plugins.log" plugin install resource command "v$COMMAND_VERSION" && [ -x "$dir/pulumi-resource-command" ]; then
            stamp command-plugin official
            return
        fi
        say "Pulumi's command plugin cannot be downloaded: using the project's own"
    fi
    unstamp command-plugin
    "$ROOT/toolchain/command-plugin/build" "$TOOLCHAIN/command-plugin.new" >"$LOGS/command-plugin.log" 2>&1 ||
        { log_tail "$LOGS/command-plugin.log"; fail "the command plugin could not be built" "make setup"; }
    rm -rf "$dir" "$dir.lock" "$dir.partial"
    mkdir -p "$(dirname "$dir")"
    mv "$TOOLCHAIN/command-plugin.new" "$dir"
    record "${dir#"$TOOLCHAIN"/}/index.js"
    stamp command-plugin "$want"
}

# The SDK that `packages:` in Pulumi.yaml declares. `pulumi install` writes it to sdks/ and compiles it there.
generate_sdk() {
    local want log=$LOGS/sdk.log status=0
    want=$(fingerprint "$PULUMI_VERSION" "$BRIDGE_VERSION" "$LIBVIRT_VERSION" -- toolchain/provider/go.mod)
    if stamped sdk "$want" && [ -e "$ROOT/sdks/libvirt/bin/index.js" ] && [ -e "$ROOT/node_modules/@pulumi/libvirt/bin/index.js" ]; then
        return
    fi
    unstamp sdk
    (cd "$ROOT" && SALLYPORT_SETUP=1 "$ROOT/bin/pulumi" install --use-language-version-tools=false </dev/null) >"$log" 2>&1 9>&- &
    watch_job "generating the libvirt SDK" "$log" $! || status=$?
    if [ $status != 0 ] || [ ! -e "$ROOT/sdks/libvirt/bin/index.js" ]; then
        log_tail "$log"
        fail "the libvirt SDK could not be generated" "bin/pulumi install"
    fi
    stamp npm "$(npm_fingerprint)" # pulumi install ran npm once more
    stamp sdk "$want"
}

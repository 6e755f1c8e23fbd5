# shellcheck shell=bash
# npm packages, and the Node.js that programs run on.

check_node() {
    local version
    have node && have npm || fail "Node.js with npm is missing" "install Node.js $NODE_MINIMUM or newer from your distribution or nodejs.org"
    version=$(node --version)
    at_least "${version#v}" "$NODE_MINIMUM" || fail "Node.js $version is too old" "install Node.js $NODE_MINIMUM or newer"
}

npm_fingerprint() { fingerprint npm -- package.json package-lock.json; }

# node_modules is complete when npm finished (it writes .package-lock.json last) and the pinned node runs.
npm_ready() {
    stamped npm "$(npm_fingerprint)" && [ -e "$ROOT/node_modules/.package-lock.json" ] && pinned_node_runs
}

pinned_node_runs() { "$ROOT/node_modules/node/bin/node" --version >/dev/null 2>&1; }

# npm_install: in the background of the Go build. The SDK need not exist yet: npm links to where it will be.
npm_install() {
    cd "$ROOT" || return
    unstamp npm
    lock_agrees || { echo "package.json and package-lock.json name different versions: run npm install"; return 1; }
    # Not `npm ci`: it insists on entries for the optional packages of all other platforms, and a registry that has only
    # ours leads to a lock file without them. This installs the locked versions, with their checksums, as well.
    npm install --no-save --no-audit --no-fund --loglevel=error || return
    if ! pinned_node_runs; then
        # npm may be told to skip install scripts; this one only fetches the binary of this platform.
        npm rebuild --no-audit --no-fund --foreground-scripts --ignore-scripts=false node || return
    fi
    stamp npm "$(npm_fingerprint)"
}

lock_agrees() {
    node -e '
        const [wanted, lock] = ["package.json", "package-lock.json"].map((f) => JSON.parse(fs.readFileSync(f)));
        const of = (p, kind) => JSON.stringify(Object.entries(p[kind] ?? {}).sort());
        const same = (kind) => of(wanted, kind) === of(lock.packages[""], kind);
        process.exit(same("dependencies") && same("devDependencies") ? 0 : 1)'
}

link_node() {
    pinned_node_runs || fail "npm did not bring the Node.js that package.json pins" "npm rebuild node --ignore-scripts=false"
    ln -sfn "$ROOT/node_modules/node/bin/node" "$BIN/node"
    mkdir -p "$TOOLCHAIN/compile-cache"
    install -m 644 "$ROOT/toolchain/node-shim.js" "$BIN/node-shim.js"
}

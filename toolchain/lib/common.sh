# shellcheck shell=bash
# Paths, messages, locking, checksums and progress for toolchain/setup.

TOOLCHAIN=$ROOT/.toolchain
BIN=$TOOLCHAIN/bin
STAMPS=$TOOLCHAIN/stamps
LOGS=$TOOLCHAIN/log
SUMS=$TOOLCHAIN/SHA256SUMS
export PULUMI_HOME=$TOOLCHAIN/pulumi-home
STARTED=$SECONDS

say() { printf '  %s\n' "$*"; }
step() { printf '%s (%s)\n' "$*" "$(elapsed "$STARTED")"; }
elapsed() { local s=$((SECONDS - $1)); printf '%d:%02d' $((s / 60)) $((s % 60)); }

# fail MESSAGE FIX: what is wrong, then the one command that repairs it.
fail() {
    printf '\nsetup: %s\n' "$1" >&2
    [ -z "${2:-}" ] || printf '  fix: %s\n' "$2" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_least HAVE WANT: dotted versions, HAVE >= WANT.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n1)" = "$2" ]; }

# as_root COMMAND…: through sudo when we are not root.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# fingerprint WORD… -- PATH…: a hash of the words and of the names and contents of all files at the paths, tests left out.
fingerprint() {
    local words=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do words+=("$1"); shift; done
    shift
    { printf '%s\n' "${words[@]}"
      (cd "$ROOT" && find "$@" -type f -not -path '*/node_modules/*' -not -name '*_test.go' -not -path '*/test/*' -print0 | LC_ALL=C sort -z | xargs -0r sha256sum)
    } | sha256sum | cut -d' ' -f1
}

# A stamp holds the fingerprint of what a component was made from; it is written last, when the component is in place.
stamped() { [ "$(cat "$STAMPS/$1" 2>/dev/null)" = "$2" ]; }
stamp() { mkdir -p "$STAMPS"; printf '%s\n' "$2" >"$STAMPS/$1.new"; mv "$STAMPS/$1.new" "$STAMPS/$1"; }

# sources_print: a fingerprint of all that .toolchain is made from, but for npm packages. `ready` holds the one that the last
# whole set-up began with; after a pull or a checkout it is another, and what was built may lack what the sources say.
sources_print() { fingerprint -- toolchain/setup toolchain/lib toolchain/engine toolchain/provider toolchain/command-plugin toolchain/cloud-init-schema; }
is_ready() { [ -s "$TOOLCHAIN/ready" ] && [ "$(cat "$TOOLCHAIN/ready" 2>/dev/null)" = "$(sources_print)" ]; }

# unstamp PART: it is about to be replaced; until the set-up is through, the toolchain is not ready.
unstamp() { rm -f "$STAMPS/$1" "$TOOLCHAIN/ready"; }

# record FILE…: enters checksums, replacing older ones of the same files. Paths are relative to .toolchain.
record() {
    local file
    touch "$SUMS"
    for file in "$@"; do
        awk -v file="$file" '$2 != file' "$SUMS" >"$SUMS.new"
        (cd "$TOOLCHAIN" && sha256sum "$file") >>"$SUMS.new"
        mv "$SUMS.new" "$SUMS"
    done
}

# intact FILE…: every file is recorded and still has its checksum.
intact() {
    local file line
    for file in "$@"; do
        line=$(awk -v file="$file" '$2 == file' "$SUMS" 2>/dev/null) && [ -n "$line" ] || return 1
        (cd "$TOOLCHAIN" && sha256sum --check --status <<<"$line" 2>/dev/null) || {
            [ ! -e "$TOOLCHAIN/$file" ] || say "$file does not match its checksum: it will be made again"
            return 1
        }
    done
}

# watch_job TITLE LOG PID: shows how long a background job has been running and its last line, until it ends. Returns
# its exit status.
watch_job() {
    local title=$1 log=$2 pid=$3 begun=$SECONDS next=15 last
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        last=$(tail -n1 "$log" 2>/dev/null | tr -d '\r' | cut -c1-60)
        if [ -t 1 ]; then
            printf '\r\033[K  %s, %s: %s' "$title" "$(elapsed "$begun")" "$last"
        elif [ $((SECONDS - begun)) -ge $next ]; then
            say "$title, $(elapsed "$begun"): $last"
            next=$((next + 30))
        fi
    done
    [ ! -t 1 ] || printf '\r\033[K'
    wait "$pid"
}

# log_tail LOG: what a failed job said last.
log_tail() { printf '\n' >&2; tail -n 15 "$1" >&2; printf '  (all of it: %s)\n' "$1" >&2; }

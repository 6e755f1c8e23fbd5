/**
 * Functions of the script on the lab host, the same for every stack: virsh and POSIX sh, with what each Linux has
 * (awk, sed, grep, stat, timeout). They mean what `sallyport start`, `stop` and `wait-ready` do. Exit statuses: 1 may
 * pass, and systemd tries again; 2 needs a person.
 */
import { STATUS_PREFIX, STILL_PREFIX } from "../../cloud-init/guest";
import { CLOCK_TOLERANCE, FRESH_SECONDS, LINE_AGE } from "../life/readiness";
import { TAIL_BYTES } from "../status-log";

/** Seconds that one call of virsh may take: QEMU is made in some of them. */
const CALL_SECONDS = 120;
/** Seconds that a guest may take to power off; half-way the keys are pressed once more. */
const STOP_SECONDS = 46;

/**
 * The end of a status file to one line: `ready`, `clock`, `failed …` or `wait …`. The last line is dropped: it is
 * ours, behind one that may be unfinished. A guest's text is cut to printable ASCII.
 */
const JUDGE = `
function valid(text) {
    return text ~ /^\\{.*\\}$/ && text ~ /"v":1[,}]/ && text ~ /"role":"gateway"/ && text ~ /"phase":"[a-z-]+"/
}
function number(text, key) {
    return match(text, "\\"" key "\\":[0-9.]+") ? substr(text, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : ""
}
function take(line,    at, rest, step) {
    sub(/\\r+$/, "", line)
    rest = line; at = 0
    while ((step = index(rest, prefix)) > 0) { rest = substr(rest, step + length(prefix)); at = 1 }
    if (at && valid(rest)) {
        said = rest; holds = 1; up = number(rest, "up")
    } else if (index(line, still) == 1) {
        if (substr(line, length(still) + 1) != up) holds = 0
    } else if (line !~ /^@sallyport-[a-z]+ /) {
        holds = 0
    }
}
NR > 1 { take(before) }
{ before = $0 }
END {
    gsub(/[^ -~]/, "?", said)
    if (said == "") { print "wait it has said nothing yet"; exit }
    if (said ~ /"phase":"failed"/) { print "failed " said; exit }
    if (said !~ /"phase":"ready"/ || said !~ /"bootstrap":100[,}]/ || said !~ /"ready":true/) { print "wait " said; exit }
    if (!holds || written <= began || now - written > fresh || written - now > fresh) {
        print "wait ready was said before"; exit
    }
    time = number(said, "time")
    behind = written - time
    if (time != "" && (behind - age > tolerance || -behind > tolerance)) { print "clock"; exit }
    print "ready"
}`;

export const LIBRARY = String.raw`
say() { printf '%s\n' "$*" >&2; }
v() { timeout ${CALL_SECONDS} virsh -q -c "$uri" "$@"; }
uptime() { sed 's/[. ].*//' /proc/uptime; }
state() { v domstate "$1" | sed -n '1{s/[[:blank:]]*$//;p;}'; }

# listed NAME WORDS...: 0 virsh lists it, 1 it does not, 2 it does not answer.
listed() {
    name=$1
    shift
    said=$(v "$@") || return 2
    printf '%s\n' "$said" | sed 's/^[[:blank:]]*//; s/[[:blank:]]*$//' | grep -Fxq -e "$name"
}

# activate KIND VERB NAME: start a pool (pool) or a network (net).
activate() {
    listed "$3" "$2-list" --name && return 0
    listed "$3" "$2-list" --all --name
    case $? in
        0) ;;
        1) say "there is no $1 $3; fix: bin/pulumi up, or bin/sallyport unit remove"; return 2 ;;
        *) say "libvirt does not list its $2s"; return 1 ;;
    esac
    v "$2-start" "$3" >&2 || :
    listed "$3" "$2-list" --name || { say "$1 $3 is not active"; return 1; }
    say "$1 $3: active"
}

# filter NAME XML: defined rules stay as they are, for the stack may have newer ones than this script.
filter() {
    v nwfilter-dumpxml "$1" >/dev/null 2>&1 && return 0
    document=$(mktemp) || return 1
    printf '%s' "$2" >"$document" && v nwfilter-define "$document" >&2
    defined=$?
    rm -f "$document"
    [ "$defined" -eq 0 ] || { say "filter $1 is not defined"; return 1; }
}

# guest DOMAIN [FILTER]: start a guest, one with a filter only when its definition names that.
guest() {
    listed "$1" list --all --name
    case $? in
        0) ;;
        1) say "there is no guest $1; fix: bin/pulumi up, or bin/sallyport unit remove"; return 2 ;;
        *) say "libvirt does not list its guests"; return 1 ;;
    esac
    now=$(state "$1")
    case $now in
        running | idle) return 0 ;;
        'shut off' | crashed) ;;
        *) say "guest $1 is $now; fix: bin/sallyport restart"; return 2 ;;
    esac
    listed "$1" list --all --with-managed-save --name
    case $? in
        0) say "the memory of $1 was saved, with the clock of then; fix: virsh managedsave-remove $1"; return 2 ;;
        1) ;;
        *) say "libvirt does not say whether the memory of $1 was saved"; return 1 ;;
    esac
    if [ $# -gt 1 ]; then
        definition=$(v dumpxml --inactive "$1") || return 1
        case $definition in
            *"<filterref filter='$2'"*) ;;
            *) say "guest $1 has not the filter $2; fix: bin/pulumi refresh && bin/pulumi up"; return 2 ;;
        esac
    fi
    v start "$1" >&2 || :
    [ "$(state "$1")" = running ] || { say "guest $1 does not run"; return 1; }
    say "guest $1: started"
}

judge='${JUDGE.replaceAll("'", "'\\''")}'

# gate DOMAIN FILE SECONDS: wait until a Gateway says, after the wait began, that it is ready.
gate() {
    began=$(date +%s)
    end=$(($(uptime) + $3))
    while :; do
        now=$(state "$1")
        [ "$now" = running ] || { say "Gateway $1 is not running but \"$now\""; return 1; }
        written=$(stat -c %Y "$2" 2>/dev/null) || written=0
        verdict=$({ tail -c ${TAIL_BYTES} "$2" 2>/dev/null; echo; } | LC_ALL=C awk -v prefix='${STATUS_PREFIX}' -v still='${STILL_PREFIX}' \
            -v began="$began" -v written="$written" -v now="$(date +%s)" -v fresh=${FRESH_SECONDS} \
            -v age=${LINE_AGE} -v tolerance=${CLOCK_TOLERANCE} "$judge")
        case $verdict in
            ready) say "Gateway $1: ready"; return 0 ;;
            clock) say "the clock of $1 is not the host's; fix: bin/sallyport restart"; return 2 ;;
            failed*) say "Gateway $1 $verdict"; return 1 ;;
        esac
        [ "$(uptime)" -lt "$end" ] || break
        sleep 2
    done
    say "Gateway $1 was not ready within $3 s: $verdict"
    return 1
}

# halt DOMAIN: ask a guest to power off; cut one that does not.
halt() {
    listed "$1" list --name
    case $? in
        0) ;;
        1) [ "$(state "$1" 2>/dev/null)" = paused ] || return 0 ;;
        *) say "libvirt does not list what runs"; return 1 ;;
    esac
    for round in 1 2; do
        [ "$(state "$1")" = running ] || break
        v send-key "$1" KEY_LEFTCTRL KEY_LEFTALT KEY_DELETE >/dev/null || :
        v shutdown "$1" --mode acpi >/dev/null || :
        end=$(($(uptime) + ${STOP_SECONDS / 2}))
        while [ "$(uptime)" -lt "$end" ]; do
            [ "$(state "$1")" = 'shut off' ] && { say "guest $1: off"; return 0; }
            sleep 1
        done
    done
    say "guest $1 did not power off in time; its power is cut"
    v destroy "$1" >&2 || :
    [ "$(state "$1")" = 'shut off' ] || { say "guest $1 still runs"; return 1; }
}

# deactivate NETWORK
deactivate() {
    listed "$1" net-list --name || return 0
    v net-destroy "$1" >&2
}

# text: standard input as the inside of a JSON string.
text() { tr '\t' ' ' | LC_ALL=C tr -cd '\12\40-\176' | sed 's/\\/\\\\/g; s/"/\\"/g' | awk '{ printf "%s\\n", $0 }'; }
# answer COMMAND...: its output as a JSON string; null when it fails.
answer() { if heard=$("$@" 2>/dev/null); then printf '"%s"' "$(printf '%s\n' "$heard" | text)"; else printf null; fi; }
bridges() {
    for device in /sys/class/net/*; do
        if [ -L "$device/master" ]; then
            printf '%s %s\n' "$(basename "$device")" "$(basename "$(readlink "$device/master")")"
        fi
    done
}

# look FILE DOMAIN...: write what the kernel has for an enclave's guests. Where the first is not defined any more,
# the pool goes as well, and nothing may be left in it.
look() {
    file=$1
    shift
    listed "$1" list --all --name || { rm -f "$file"; return 0; }
    [ -d "$(dirname "$file")" ] || return 0
    {
        printf '{"v":1,"time":%s,"script":"%s","ebtables":' "$(date +%s)" "$script"
        answer timeout 30 ebtables --concurrent -t nat -L
        printf ',"bridges":'
        answer bridges
        printf ',"interfaces":['
        comma=''
        for domain; do
            printf '%s{"domain":"%s","list":' "$comma" "$(printf '%s\n' "$domain" | text | sed 's/\\n$//')"
            answer v domiflist "$domain"
            printf '}'
            comma=,
        done
        printf ']}\n'
    } >"$file.part" && mv -f "$file.part" "$file"
}

# each FUNCTION...: enclaves do not wait for each other. 1 when one may work later, else 2 when one needs a person.
each() {
    jobs=''
    for one; do
        "$one" &
        jobs="$jobs $!"
    done
    worst=0
    for job in $jobs; do
        wait "$job"
        case $? in
            0) ;;
            2) [ "$worst" -eq 1 ] || worst=2 ;;
            *) worst=1 ;;
        esac
    done
    return "$worst"
}
`;

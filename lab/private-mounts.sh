#!/bin/bash
# Run a command with a view of the machine in which libvirt's folders are the lab's own. To be called in a mount namespace
# of its own whose mounts do not propagate (unshare --mount --propagation slave); all of it ends with the last process in it.
# usage: private-mounts.sh LIBVIRT_DIR SOCKET_DIR CACHE_DIR hide-kvm|keep-kvm COMMAND [ARGUMENT...]
set -euo pipefail
libvirt=$1 sockets=$2 cache=$3 kvm=$4
shift 4
stage=$libvirt/stage

# A folder with symbolic links to everything in the original: a place to add a name to without touching the original.
shadow() {
    local original=/run/original$1
    mkdir -p "$original"
    mount -n --rbind "$1" "$original"
    mount -n -t tmpfs -o mode=755 sallyport "$1"
    find "$original" -mindepth 1 -maxdepth 1 -type l -exec cp -a -t "$1" {} +
    find "$original" -mindepth 1 -maxdepth 1 ! -type l -exec ln -s -t "$1" {} +
}

# Put a folder of the lab in the place of one of libvirt's, which need not exist.
replace() {
    if [[ ! -d $1 ]]; then
        shadow "$(dirname "$1")"
        mkdir "$1"
    fi
    mount -n --bind "$2" "$1"
}

# Other labs' namespaces must not be kept alive by copies of their mounts in here.
umount -n --lazy --recursive /run/netns

# A private /run also keeps this libvirtd away from the host's D-Bus, systemd-machined and firewalld.
mount -n -t tmpfs -o mode=755 sallyport "$stage"
mkdir "$stage/libvirt" "$stage/lock"
mount -n --bind "$sockets" "$stage/libvirt"
resolv=$(readlink -f /etc/resolv.conf)
if [[ $resolv == /run/* ]]; then
    mkdir -p "$(dirname "$stage/${resolv#/run/}")"
    cp "$libvirt/resolv.conf" "$stage/${resolv#/run/}"
elif [[ -e $resolv ]]; then
    mount -n --bind "$libvirt/resolv.conf" "$resolv"
fi
mount -n --move "$stage" /run

# libvirt insists on the account of Debian's libvirt-daemon-system, even if QEMU never runs as it.
account() {
    if ! getent "$1" libvirt-qemu >/dev/null; then
        cp "/etc/$1" "$libvirt/$1"
        echo "$2" >>"$libvirt/$1"
        mount -n --bind "$libvirt/$1" "/etc/$1"
    fi
}
account passwd "libvirt-qemu:x:64055:64055:::/usr/sbin/nologin"
account group "libvirt-qemu:x:64055:"

replace /etc/libvirt "$libvirt/etc"
replace /var/lib/libvirt "$libvirt/lib"
replace /var/cache/libvirt "$cache"
replace /var/log/libvirt "$libvirt/log"

# With a /dev/kvm that runs no guest libvirt asks QEMU about it again on every call, for seconds.
if [[ $kvm == hide-kvm && -e /dev/kvm ]]; then
    mount -n -t tmpfs -o mode=755 sallyport "$stage"
    mkdir "$stage"/{net,pts,shm}
    for node in null zero full random urandom tty net/tun; do
        touch "$stage/$node"
        mount -n --bind "/dev/$node" "$stage/$node"
    done
    ln -s pts/ptmx "$stage/ptmx"
    ln -s /proc/self/fd "$stage/fd"
    mount -n --rbind /dev/pts "$stage/pts"
    mount -n --rbind /dev/shm "$stage/shm"
    mount -n --move "$stage" /dev
fi

exec "$@"

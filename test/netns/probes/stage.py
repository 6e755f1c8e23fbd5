"""The stage as the probes see it: who is where, wires to send on, taps to listen on."""

import packet as p
from conntrack import knows
from link import Sentinel, Tap, Wire
from listeners import Listeners
from nft import Nft

PASSES = 3
"""
Sentinels on each side until all is settled: an answer may wait for ARP or neighbour discovery, a question
and an answer of their own. Each sentinel crosses the link there and back, so the third finds behind it
whatever the first set off.
"""
ANSWER_WITHIN = 10.0
"""Seconds; the wait ends with the answer."""
SENTINEL_MAC = "52:54:00:fe:00:02"
"""Source of the sentinels' answers outside: what the Gateway itself sends there is judged by its MAC."""


class Stage:
    def __init__(self, spec, watch_workstation=False):
        self.spec = spec
        self.host, self.gw = spec["namespaces"]["host"], spec["namespaces"]["gateway"]
        self.ws = spec["workstations"]
        self.inner_mac, self.inner_ip = spec["inner"]["mac"], spec["inner"]["address"]
        self.outer_mac, self.outer_ip = spec["outer"]["mac"], spec["outer"]["address"]
        self.route_mac, self.route_ip = spec["route"]["mac"], spec["route"]["address"]
        self.neighbour, self.web = spec["neighbour"], spec["web"]
        self.relays = [tuple(r) for r in spec["relays"]]
        self.places = [tuple(p) for p in spec.get("peers") or self.relays]
        self.tor_uid = spec["torUid"]
        self.connections = spec["connections"]
        self.wires = [Wire(w["namespace"], "eth0") for w in self.ws]
        self.outside = Wire(self.host, "gw-ext")
        self.outer = Tap(self.host, "gw-ext")
        self.inner = Tap(self.host, "gw-int")
        # Only where the Workstation itself is judged: whoever listens must also read.
        self.workstation = Tap(self.host, "ws1") if watch_workstation else None
        # A stand-in for the tunnel's device: what its other end sends, and sees.
        self.tunnel = spec.get("tunnel")
        self.tunnel_wire = Wire(self.host, self.tunnel["port"]) if self.tunnel else None
        self.tunnel_tap = Tap(self.host, self.tunnel["port"]) if self.tunnel else None
        self.exit_ip = self.tunnel["address"] if self.tunnel else self.outer_ip
        self.inner_sentinel = Sentinel(
            self.wires[0], self.inner, self.gw, "int0", self.ws[0]["mac"], self.inner_mac, self.inner_mac
        )
        self.outer_sentinel = Sentinel(
            self.outside, self.outer, self.gw, "ext0", self.route_mac, self.outer_mac, SENTINEL_MAC
        )
        self.listeners = Listeners(self.host, [self.route_ip, self.neighbour])
        self.icmp_errors = 0  # that programs were told of
        self.taken = 0  # datagrams of the tunnel's peer that a program got by another way
        self.rules = {}
        self.port = 20000

    def fresh_port(self):
        """A source port that no recent probe used and no program's socket gets (ephemeral ports begin at
        32768)."""
        self.port = self.port + 1 if self.port < 32000 else 20001
        return self.port

    # What a Workstation's NIC sends. Its own address, MAC and the Gateway as next hop, unless told otherwise.
    def from_ws(self, payload, dst, proto, src=None, src_mac=None, i=0, **more):
        w = self.ws[i]
        return p.ethernet(
            src_mac or w["mac"],
            self.inner_mac,
            p.IPV4,
            p.ipv4(src or w["address"], dst, proto, payload, **more),
        )

    def ws_tcp(self, dst, dport, flags, src=None, src_mac=None, sport=None, i=0, payload=p.MARK, **more):
        saddr = src or self.ws[i]["address"]
        segment = p.tcp(
            saddr, dst, self.fresh_port() if sport is None else sport, dport, flags, payload=payload
        )
        return self.from_ws(segment, dst, 6, src=saddr, src_mac=src_mac, i=i, **more)

    def ws_udp(self, dst, dport, payload=p.MARK, src=None, src_mac=None, sport=None, i=0, **more):
        saddr = src or self.ws[i]["address"]
        return self.from_ws(
            p.udp(saddr, dst, self.fresh_port() if sport is None else sport, dport, payload),
            dst,
            17,
            src=saddr,
            src_mac=src_mac,
            i=i,
            **more,
        )

    # What arrives at the Gateway from the external network.
    def from_outside(self, payload, proto, src=None, dst=None, src_mac=None, **more):
        return p.ethernet(
            src_mac or self.route_mac,
            self.outer_mac,
            p.IPV4,
            p.ipv4(src or self.web, dst or self.outer_ip, proto, payload, **more),
        )

    def outside_tcp(self, dport, flags, src=None, dst=None, sport=None, **more):
        saddr, daddr = src or self.web, dst or self.outer_ip
        return self.from_outside(
            p.tcp(saddr, daddr, self.fresh_port() if sport is None else sport, dport, flags, payload=p.MARK),
            6,
            saddr,
            daddr,
            **more,
        )

    def outside_udp(self, dport, src=None, dst=None, **more):
        saddr, daddr = src or self.web, dst or self.outer_ip
        return self.from_outside(
            p.udp(saddr, daddr, self.fresh_port(), dport, p.MARK), 17, saddr, daddr, **more
        )

    def from_tunnel(self, payload, proto, src=None, dst=None):
        """A packet out of the tunnel: the device's two ends have one MAC, and nobody asks for it."""
        mac = self.tunnel["mac"]
        return p.ethernet(mac, mac, p.IPV4, p.ipv4(src or self.web, dst or self.exit_ip, proto, payload))

    def counters(self, namespace=None):
        """Packets by the name of the counter, of every table."""
        return self.nft(namespace or self.gw).counters()

    def nft(self, namespace):
        if namespace not in self.rules:
            self.rules[namespace] = Nft(namespace)
        return self.rules[namespace]

    def allowed_outside(self, frame):
        """Whether the Gateway may send this on the external link: ARP for its next hop, TCP to one of
        tor's places; the tunnel's own."""
        if frame.kind == p.ARP:
            return frame.raw[28:32] == p.ip4(self.outer_ip) and frame.raw[38:42] in (
                p.ip4(self.route_ip),
                p.ip4(self.outer_ip),
            )
        if self.tunnel:
            return (frame.saddr, frame.proto, frame.daddr, frame.dport) == (
                self.outer_ip,
                17,
                *self.tunnel["endpoint"],
            )
        return (
            frame.kind == p.IPV4
            and frame.saddr == self.outer_ip
            and frame.proto == 6
            and (frame.daddr, frame.dport) in self.places
        )

    def forget(self):
        self.listeners.hits  # takes what waits there: a full backlog answers nobody
        self.outer.drain()
        self.inner.drain()
        self.from_workstation()
        self.into_tunnel()

    def from_workstation(self):
        """Frames that the first Workstation sent since the last look."""
        return (
            [f for incoming, f in self.workstation.drain() if incoming and not self.inner_sentinel.ours(f)]
            if self.workstation
            else []
        )

    def into_tunnel(self):
        """Frames that the Gateway sent into the tunnel since the last look."""
        return [f for incoming, f in self.tunnel_tap.drain() if incoming] if self.tunnel else []

    def fence(self):
        """
        Wait until everybody has dealt with what was sent before.
        @returns frames that the Gateway sent meanwhile, inside and outside
        """
        self.settle(1)
        return (
            [f for incoming, f in self.inner.drain() if incoming],
            [f for incoming, f in self.outer.drain() if incoming],
        )

    def settle(self, times=4):
        """Wait until even a new connection over several links is open, if anything lets it through; the
        frames can still be read."""
        for sentinel in (self.inner_sentinel, self.outer_sentinel) * (times * PASSES):
            sentinel.pass_through()

    def knows(self, flow):
        """Whether the Gateway let in a packet of this flow; asked once all is settled."""
        return knows(self.gw, flow)

    def await_answer(self, flows, inner, outer):
        """Wait for a program's answer to one of these flows where nothing stands in its way; adds the
        frames that come meanwhile."""
        tap, frames = (self.outer, outer) if flows[0][1] == self.web else (self.inner, inner)
        expected = {(proto, dport, sport) for proto, _, _, sport, dport in flows}
        answers = lambda f: (f.proto, f.sport, f.dport) in expected
        if not any(answers(f) for f in frames):
            frames += [
                f
                for incoming, f in tap.until(lambda incoming, f: incoming and answers(f), ANSWER_WITHIN)[0]
                if incoming
            ]

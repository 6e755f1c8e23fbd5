"""The stage as the probes see it: who is where, wires to send on, taps to listen on."""
import json
import time

import packet as p
from link import Tap, Wire
from namespaces import run


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
        self.tor_uid = spec["torUid"]
        self.wires = [Wire(w["namespace"], "eth0") for w in self.ws]
        self.outside = Wire(self.host, "gw-ext", burst=400)
        self.outer = Tap(self.host, "gw-ext")
        self.inner = Tap(self.host, "gw-int")
        # Only where the Workstation itself is judged: whoever listens must also read.
        self.workstation = Tap(self.host, "ws1") if watch_workstation else None
        self.port = 20000

    def fresh_port(self):
        """A source port that no recent probe used and no program's socket gets (ephemeral ports begin at 32768)."""
        self.port = self.port + 1 if self.port < 32000 else 20001
        return self.port

    # What a Workstation's NIC sends. Its own address, MAC and the Gateway as next hop, unless told otherwise.
    def from_ws(self, payload, dst, proto, src=None, src_mac=None, i=0, **more):
        w = self.ws[i]
        return p.ethernet(src_mac or w["mac"], self.inner_mac, p.IPV4, p.ipv4(src or w["address"], dst, proto, payload, **more))

    def ws_tcp(self, dst, dport, flags, src=None, src_mac=None, sport=None, i=0, payload=p.MARK, **more):
        saddr = src or self.ws[i]["address"]
        segment = p.tcp(saddr, dst, self.fresh_port() if sport is None else sport, dport, flags, payload=payload)
        return self.from_ws(segment, dst, 6, src=saddr, src_mac=src_mac, i=i, **more)

    def ws_udp(self, dst, dport, payload=p.MARK, src=None, src_mac=None, sport=None, i=0, **more):
        saddr = src or self.ws[i]["address"]
        return self.from_ws(p.udp(saddr, dst, self.fresh_port() if sport is None else sport, dport, payload), dst, 17, src=saddr, src_mac=src_mac, i=i, **more)

    # What arrives at the Gateway from the external network.
    def from_outside(self, payload, proto, src=None, dst=None, src_mac=None, **more):
        return p.ethernet(src_mac or self.route_mac, self.outer_mac, p.IPV4, p.ipv4(src or self.web, dst or self.outer_ip, proto, payload, **more))

    def outside_tcp(self, dport, flags, src=None, dst=None, sport=None, **more):
        saddr, daddr = src or self.web, dst or self.outer_ip
        return self.from_outside(p.tcp(saddr, daddr, self.fresh_port() if sport is None else sport, dport, flags, payload=p.MARK), 6, saddr, daddr, **more)

    def outside_udp(self, dport, src=None, dst=None, **more):
        saddr, daddr = src or self.web, dst or self.outer_ip
        return self.from_outside(p.udp(saddr, daddr, self.fresh_port(), dport, p.MARK), 17, saddr, daddr, **more)

    def counters(self, namespace=None):
        """Packets by the name of the counter, of every table."""
        items = json.loads(run(namespace or self.gw, "nft", "-j", "list", "counters"))["nftables"]
        return {item["counter"]["name"]: item["counter"]["packets"] for item in items if "counter" in item}

    def allowed_outside(self, frame):
        """Whether the Gateway may send this on the external link: ARP for its next hop, TCP to a relay's ORPort."""
        if frame.kind == p.ARP:
            return frame.raw[28:32] == p.ip4(self.outer_ip) and frame.raw[38:42] in (p.ip4(self.route_ip), p.ip4(self.outer_ip))
        return frame.kind == p.IPV4 and frame.saddr == self.outer_ip and frame.proto == 6 and (frame.daddr, frame.dport) in self.relays

    def forget(self):
        self.outer.drain()
        self.inner.drain()
        self.from_workstation()

    def from_workstation(self):
        """Frames that the first Workstation sent since the last look."""
        return [f for incoming, f in self.workstation.drain() if incoming] if self.workstation else []

    def fence(self):
        """Wait until the Gateway has dealt with what was sent before: an ARP question on each side, and its answer."""
        w = self.ws[0]
        ask = p.ethernet(w["mac"], p.BROADCAST, p.ARP, p.arp(1, w["mac"], w["address"], "00:00:00:00:00:00", self.inner_ip))
        self.wires[0].send(ask)
        answered = lambda incoming, f: incoming and f.kind == p.ARP and f.raw[20:22] == b"\0\2"
        inner, _ = self.inner.until(answered, 0.15)
        ask = p.ethernet(self.route_mac, p.BROADCAST, p.ARP, p.arp(1, self.route_mac, self.route_ip, "00:00:00:00:00:00", self.outer_ip))
        self.outside.send(ask)
        outer, _ = self.outer.until(answered, 0.15)
        time.sleep(0.01)
        return ([f for incoming, f in inner + self.inner.drain() if incoming],
                [f for incoming, f in outer + self.outer.drain() if incoming])

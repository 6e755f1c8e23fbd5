// Tests of go-libvirt.patch: streams as libvirtd sends them, against a libvirtd of our own that sends what a test wants.
// Every test here fails on go-libvirt as it is published; toolchain/test runs them on both.
package provider_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	libvirt "github.com/digitalocean/go-libvirt"
)

// limit is how long a call may take before it counts as one that hangs.
const limit = 3 * time.Second

// Numbers of libvirt's protocol: procedures, types and statuses of packets.
const (
	procConnectOpen = 1
	procAuthList    = 66
	procUpload      = 208
	procDownload    = 209

	typeReply  = 1
	typeStream = 3

	statusOK       = 0
	statusError    = 1
	statusContinue = 2
)

const headerSize = 28

type packet struct {
	Length, Program, Version, Procedure, Type, Serial, Status uint32
	payload                                                   []byte
}

// daemon is one connection of a libvirtd.
type daemon struct {
	conn net.Conn
	call packet // the call that is being answered
}

func (d *daemon) read() (packet, error) {
	var p packet
	head := make([]byte, headerSize)
	if _, err := io.ReadFull(d.conn, head); err != nil {
		return p, err
	}
	for i, field := range []*uint32{&p.Length, &p.Program, &p.Version, &p.Procedure, &p.Type, &p.Serial, &p.Status} {
		*field = binary.BigEndian.Uint32(head[4*i:])
	}
	p.payload = make([]byte, p.Length-headerSize)
	_, err := io.ReadFull(d.conn, p.payload)
	return p, err
}

func (d *daemon) send(kind, status uint32, payload []byte) {
	var out bytes.Buffer
	for _, field := range []uint32{
		uint32(headerSize + len(payload)), d.call.Program, d.call.Version, d.call.Procedure, kind, d.call.Serial, status,
	} {
		_ = binary.Write(&out, binary.BigEndian, field)
	}
	out.Write(payload)
	_, _ = d.conn.Write(out.Bytes()) // a client that has gone is the test's to notice
}

func (d *daemon) reply()          { d.send(typeReply, statusOK, nil) }
func (d *daemon) data(s string)   { d.send(typeStream, statusContinue, []byte(s)) }
func (d *daemon) endOfData()      { d.send(typeStream, statusContinue, nil) }
func (d *daemon) confirm()        { d.send(typeStream, statusOK, nil) }
func (d *daemon) refuse(m string) { d.send(typeStream, statusError, remoteError(m)) }

// finished reads packets of the client's stream until it finishes the stream, and tells whether it does.
func (d *daemon) finished() bool {
	for {
		p, err := d.read()
		if err != nil || p.Type != typeStream || p.Serial != d.call.Serial {
			return false
		}
		if p.Status == statusOK {
			return true
		}
	}
}

// remoteError is libvirt's remote_error in XDR: code, domain, the message, and nothing else.
func remoteError(message string) []byte {
	var out bytes.Buffer
	padded := append([]byte(message), make([]byte, (4-len(message)%4)%4)...)
	for _, field := range []uint32{38, 18, 1, uint32(len(message))} {
		_ = binary.Write(&out, binary.BigEndian, field)
	}
	out.Write(padded)
	out.Write(make([]byte, 64))
	return out.Bytes()
}

// serve connects a client to a daemon that lets it in and answers its next call, of this procedure, as told.
func serve(t *testing.T, procedure uint32, answer func(*daemon)) *libvirt.Libvirt {
	t.Helper()
	client := libvirt.NewWithDialer(dialer(func() (net.Conn, error) {
		ours, theirs := net.Pipe()
		d := &daemon{conn: ours}
		go func() {
			defer d.conn.Close()
			for {
				var err error
				if d.call, err = d.read(); err != nil {
					return
				}
				switch d.call.Procedure {
				case procAuthList:
					d.send(typeReply, statusOK, make([]byte, 8)) // one way, none
				case procConnectOpen:
					d.reply()
				case procedure:
					answer(d)
				default:
					t.Errorf("procedure %d was called", d.call.Procedure)
					return
				}
			}
		}()
		return theirs, nil
	}))
	if err := client.Connect(); err != nil {
		t.Fatal(err)
	}
	return client
}

type dialer func() (net.Conn, error)

func (d dialer) Dial() (net.Conn, error) { return d() }

var errHangs = errors.New("the call hangs")

// within gives a call its limit.
func within(call func() error) error {
	done := make(chan error, 1)
	go func() { done <- call() }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return errHangs
	}
}

// download fetches a volume from a daemon that answers as told.
func download(t *testing.T, answer func(*daemon)) (string, error) {
	t.Helper()
	client := serve(t, procDownload, answer)
	var got bytes.Buffer
	err := within(func() error { return client.StorageVolDownload(libvirt.StorageVol{}, &got, 0, 0, 0) })
	if errors.Is(err, errHangs) {
		return "", err // it may still write
	}
	return got.String(), err
}

var parts = []string{"first ", "second ", "third"}

const whole = "first second third"

func TestDownloadIsFinished(t *testing.T) {
	t.Parallel()
	finished := false
	got, err := download(t, func(d *daemon) {
		d.reply()
		for _, part := range parts {
			d.data(part)
		}
		d.endOfData()
		finished = d.finished()
		d.confirm()
	})
	if err != nil || got != whole || !finished {
		t.Fatalf("got %q, error %v, finished by the client: %v", got, err, finished)
	}
}

// The order that libvirtd's event loop and a slow worker thread make: 1 to all packets of data, and the end as well.
func TestPacketsBeforeReply(t *testing.T) {
	t.Parallel()
	for early := 1; early <= len(parts)+1; early++ {
		got, err := download(t, func(d *daemon) {
			for i := 0; i <= len(parts); i++ {
				if i == early {
					d.reply()
				}
				if i < len(parts) {
					d.data(parts[i])
				} else {
					d.endOfData()
				}
			}
			if early > len(parts) {
				d.reply()
			}
			d.finished()
			d.confirm()
		})
		if err != nil || got != whole {
			t.Fatalf("%d packets before the reply: got %q, error %v", early, got, err)
		}
	}
}

func TestEmptyVolumeBeforeReply(t *testing.T) {
	t.Parallel()
	finished := false
	got, err := download(t, func(d *daemon) {
		d.endOfData()
		d.reply()
		finished = d.finished()
		d.confirm()
	})
	if err != nil || got != "" || !finished {
		t.Fatalf("got %q, error %v, finished by the client: %v", got, err, finished)
	}
}

func TestErrorAtTheEnd(t *testing.T) {
	t.Parallel()
	_, err := download(t, func(d *daemon) {
		d.reply()
		d.data(whole)
		d.endOfData()
		d.finished()
		d.refuse("the disk has failed")
	})
	if err == nil || !strings.Contains(err.Error(), "the disk has failed") {
		t.Fatalf("error %v", err)
	}
}

// A confirmation that nobody asked for, in the place of the data or after some, ends no stream.
func TestConfirmedBeforeTheEnd(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", whole} {
		got, err := download(t, func(d *daemon) {
			d.reply()
			if before != "" {
				d.data(before)
			}
			d.confirm()
		})
		if err == nil || errors.Is(err, errHangs) {
			t.Fatalf("after %q: got %q, error %v", before, got, err)
		}
	}
}

func TestConnectionLost(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(*daemon){
		"before the reply":    func(d *daemon) { d.data(whole) },
		"amid the data":       func(d *daemon) { d.reply(); d.data(whole) },
		"before confirmation": func(d *daemon) { d.reply(); d.data(whole); d.endOfData() },
	} {
		_, err := download(t, func(d *daemon) { answer(d); d.conn.Close() })
		if err == nil || errors.Is(err, errHangs) {
			t.Fatalf("%s: error %v", name, err)
		}
	}
}

// More packets than anybody waits for, while the caller leaves: neither this call nor the next one hangs.
func TestPacketsAfterTheEnd(t *testing.T) {
	t.Parallel()
	calls := 0
	client := serve(t, procDownload, func(d *daemon) {
		calls++
		d.reply()
		d.data(whole)
		d.endOfData()
		d.finished()
		for range 64 {
			d.confirm()
		}
	})
	for range 20 {
		var got bytes.Buffer
		err := within(func() error { return client.StorageVolDownload(libvirt.StorageVol{}, &got, 0, 0, 0) })
		if err != nil {
			t.Fatalf("call %d: error %v", calls, err)
		}
		if got.String() != whole {
			t.Fatalf("call %d: got %q", calls, got.String())
		}
	}
}

type failing struct{}

var errFull = errors.New("no space left")

func (failing) Write([]byte) (int, error) { return 0, errFull }

// The caller leaves amid the stream.
func TestReaderThatFails(t *testing.T) {
	t.Parallel()
	client := serve(t, procDownload, func(d *daemon) {
		d.reply()
		for range 64 {
			d.data(whole)
		}
		d.endOfData()
	})
	err := within(func() error { return client.StorageVolDownload(libvirt.StorageVol{}, failing{}, 0, 0, 0) })
	if !errors.Is(err, errFull) {
		t.Fatalf("error %v", err)
	}
}

func TestUploadRefusedAtTheEnd(t *testing.T) {
	t.Parallel()
	client := serve(t, procUpload, func(d *daemon) {
		d.reply()
		d.finished()
		d.refuse("the disk is full")
	})
	err := within(func() error { return client.StorageVolUpload(libvirt.StorageVol{}, strings.NewReader(whole), 0, 0, 0) })
	if err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Fatalf("error %v", err)
	}
}

func TestUploadConfirmedTooSoon(t *testing.T) {
	t.Parallel()
	// The reply is no confirmation, also when there are two of them.
	client := serve(t, procUpload, func(d *daemon) {
		d.reply()
		d.reply()
		d.finished()
	})
	err := within(func() error { return client.StorageVolUpload(libvirt.StorageVol{}, strings.NewReader(whole), 0, 0, 0) })
	if err == nil || errors.Is(err, errHangs) {
		t.Fatalf("error %v", err)
	}
}

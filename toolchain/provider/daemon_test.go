// A libvirtd of our own for the tests: one connection, whose calls are answered as a test tells.
package provider_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
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
func (d *daemon) refuse(m string) { d.send(typeStream, statusError, remoteError(38, m)) }

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
func remoteError(code uint32, message string) []byte {
	var out bytes.Buffer
	for _, field := range []uint32{code, 18, 1} {
		_ = binary.Write(&out, binary.BigEndian, field)
	}
	out.Write(text(message))
	out.Write(make([]byte, 64))
	return out.Bytes()
}

// text is a string in XDR.
func text(s string) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(s)))
	return append(append(out, s...), make([]byte, (4-len(s)%4)%4)...)
}

// answers say what a daemon does when a procedure is called.
type answers map[uint32]func(*daemon)

// attend lets a client in and answers its calls; one that no answer is for fails the test.
func attend(t *testing.T, conn net.Conn, given answers) {
	d := &daemon{conn: conn}
	defer d.conn.Close()
	for {
		var err error
		if d.call, err = d.read(); err != nil {
			return
		}
		answer, told := given[d.call.Procedure]
		switch {
		case d.call.Procedure == procAuthList:
			d.send(typeReply, statusOK, make([]byte, 8)) // one way, none
		case d.call.Procedure == procConnectOpen:
			d.reply()
		case told:
			answer(d)
		default:
			t.Errorf("procedure %d was called", d.call.Procedure)
			return
		}
	}
}

// serve connects a client to a daemon that answers one procedure, as told.
func serve(t *testing.T, procedure uint32, answer func(*daemon)) *libvirt.Libvirt {
	t.Helper()
	client := libvirt.NewWithDialer(dialer(func() (net.Conn, error) {
		ours, theirs := net.Pipe()
		go attend(t, ours, answers{procedure: answer})
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

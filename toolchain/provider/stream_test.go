// Tests of go-libvirt.patch: streams as libvirtd sends them, against a libvirtd of our own that sends what a test wants.
// Every test here fails on go-libvirt as it is published; toolchain/test runs them on both.
package provider_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	libvirt "github.com/digitalocean/go-libvirt"
)

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

// Tests of the patch's part about ssh: whoever says in ssh_config by what way a host is reached does not see it dialled by
// another. Every test here fails on the provider as it is published.
package provider_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dmacvicar/terraform-provider-libvirt/libvirt/uri"
)

// throwAwayKey is a private key of nobody's; without one the provider dials nobody.
func throwAwayKey(t *testing.T) string {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// dialWith dials a host on loopback with an ssh_config and tells whether anybody came there, and the provider's error.
func dialWith(t *testing.T, config string) (came bool, err error) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("SSH_AUTH_SOCK", "")
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"config": config, "known_hosts": "", "id_ed25519": throwAwayKey(t)} {
		if err := os.WriteFile(filepath.Join(home, ".ssh", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	host, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	arrived := make(chan bool, 1)
	go func() {
		conn, err := host.Accept()
		if err == nil {
			conn.Close()
		}
		arrived <- err == nil
	}()
	there, err := uri.Parse("qemu+ssh://somebody@" + host.Addr().String() + "/system")
	if err != nil {
		t.Fatal(err)
	}
	if conn, dialErr := there.Dial(); dialErr == nil {
		conn.Close()
	} else {
		err = dialErr
	}
	select {
	case came = <-arrived:
	case <-time.After(100 * time.Millisecond):
	}
	return came, err
}

func mustNotDial(t *testing.T, config, says string) {
	t.Helper()
	came, err := dialWith(t, config)
	if came || err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("dialled: %v; error: %v; expected one with %q", came, err, says)
	}
	// The same without a way of its own is dialled.
	if came, err := dialWith(t, "Host *\n  User other\n"); !came {
		t.Errorf("the host was not dialled where it may be: %v", err)
	}
}

func TestProxyCommandIsNotIgnored(t *testing.T) {
	mustNotDial(t, "Host *\n  ProxyCommand nc -X 5 -x 127.0.0.1:9050 %h %p\n", "ssh ProxyCommand 'nc -X 5 -x 127.0.0.1:9050 %h %p' is not supported")
}

func TestConfigThatIsNotUnderstoodIsNotIgnored(t *testing.T) {
	mustNotDial(t, "Match all\n  ProxyJump bastion.invalid\n", "can't be understood, and is not ignored")
}

package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// network stands in for all that is not on this machine: npm's registry, and the proxy to everything else. It has
// nothing, and remembers who asked for what.
type network struct {
	server *httptest.Server
	npm    string
	mu     sync.Mutex
	asked  []string
}

func noNetwork(t *testing.T) *network {
	t.Helper()
	n := &network{npm: t.TempDir()}
	n.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.asked = append(n.asked, r.Method+" "+r.RequestURI)
		http.NotFound(w, r)
	}))
	t.Cleanup(n.server.Close)
	return n
}

func (n *network) requests() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.asked)
}

// env leads npm, the engine and its plugins there.
func (n *network) env() []string {
	env := []string{"npm_config_registry=" + n.server.URL + "/", "npm_config_cache=" + n.npm, "npm_config_fetch_retries=0", "npm_config_offline=false"}
	for _, name := range []string{"http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"} {
		env = append(env, name+"="+n.server.URL)
	}
	return append(env, "no_proxy=127.0.0.1,localhost", "NO_PROXY=127.0.0.1,localhost")
}

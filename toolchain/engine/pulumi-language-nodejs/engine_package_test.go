package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// addLibvirt is what a user types for the package of Pulumi.yaml in the project's root.
var addLibvirt = []string{"package", "add", "terraform-provider", "dmacvicar/libvirt", "0.8.3"}

// SDK generated, compiled, linked and written down; then all of it once more from what was written down.
func TestEnginePackageAdd(t *testing.T) {
	t.Parallel()
	asked := noNetwork(t)
	p := packageProject(t)
	linkPackages(t, p.dir)
	p.env = append(p.env, asked.env()...)

	out := p.pulumi(addLibvirt...)
	contains(t, out, `import * as libvirt from "@pulumi/libvirt";`)
	contains(t, read(t, p.dir, "Pulumi.yaml"), "packages:\n  libvirt:\n    source: terraform-provider\n", "- dmacvicar/libvirt\n", "- 0.8.3\n")
	linked(t, p)

	for _, generated := range []string{"sdks", "node_modules/@pulumi/libvirt"} {
		if err := os.RemoveAll(filepath.Join(p.dir, generated)); err != nil {
			t.Fatal(err)
		}
	}
	contains(t, p.fails("preview"), "@pulumi/libvirt") // so the next preview shows what install did
	p.pulumi("install", "--use-language-version-tools=false")
	linked(t, p)

	if requests := asked.requests(); len(requests) != 0 {
		t.Errorf("asked over the network: %v", requests)
	}
}

// Packages that npm cannot fetch: the command fails, and says whose and which.
func TestEnginePackageAddWithoutRegistry(t *testing.T) {
	t.Parallel()
	asked := noNetwork(t)
	p := packageProject(t)
	p.env = append(p.env, asked.env()...)

	contains(t, p.fails(addLibvirt...), "npm could not install the packages of "+p.dir, "404 Not Found - GET "+asked.server.URL)
	if requests := asked.requests(); !slices.Contains(requests, "GET /@pulumi%2fpulumi") {
		t.Errorf("the registry was not asked for @pulumi/pulumi, only for %v", requests)
	}
}

// linked fails the test unless the program's package.json names the SDK and a program can import and compile against it.
func linked(t *testing.T, p *project) {
	t.Helper()
	var m struct{ Dependencies map[string]string }
	if err := json.Unmarshal([]byte(read(t, p.dir, "package.json")), &m); err != nil {
		t.Fatal(err)
	}
	if got := m.Dependencies["@pulumi/libvirt"]; got != "file:sdks/libvirt" {
		t.Errorf("package.json has %q for @pulumi/libvirt", got)
	}
	contains(t, p.pulumi("preview"), `token: "libvirt:index/domain:Domain"`)
}

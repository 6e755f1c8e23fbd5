package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func required(t *testing.T, dir string) ([]*rpc.PackageDependency, error) {
	t.Helper()
	resp, err := newHost("").GetRequiredPackages(context.Background(),
		&rpc.GetRequiredPackagesRequest{Info: &rpc.ProgramInfo{ProgramDirectory: dir}})
	return resp.GetPackages(), err
}

func TestGetRequiredPackages(t *testing.T) {
	dir := tree(t, map[string]string{
		"p/index.ts": "",
		"node_modules/@pulumi/command/package.json": `{"name": "@pulumi/command", "version": "1.2.1", "pulumi": {"resource": true}}`,
		"node_modules/@pulumi/libvirt/package.json": `{"name": "@pulumi/libvirt", "version": "0.8.3", "pulumi": {"resource": true,
			"name": "terraform-provider", "version": "1.2.0", "parameterization": {"name": "libvirt", "version": "0.8.3", "value": "aGVsbG8="}}}`,
		"node_modules/@pulumi/pulumi/package.json":    `{"name": "@pulumi/pulumi", "version": "3.259.0"}`,
		"node_modules/@pulumi/policy/package.json":    `{"name": "@pulumi/policy", "version": "1.0.0", "pulumi": {"resource": false}}`,
		"node_modules/third/package.json":             `{"name": "third", "version": "v2.0.0", "pulumi": {"resource": true, "name": "three", "server": "https://example.invalid"}}`,
		"node_modules/plain/package.json":             `not JSON, and none of our business`,
		"p/node_modules/@pulumi/command/package.json": `{"name": "@pulumi/command", "version": "1.0.0", "pulumi": {"resource": true}}`,
	})
	packages, err := required(t, filepath.Join(dir, "p"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range packages {
		got = append(got, strings.Join([]string{p.Kind, p.Name, p.Version, p.Server, string(p.GetParameterization().GetValue())}, " "))
	}
	slices.Sort(got)
	want := []string{
		"resource command v1.0.0  ", // the nearer copy
		"resource terraform-provider v1.2.0  hello",
		"resource three v2.0.0 https://example.invalid ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGetRequiredPackagesRefusesWhatItCannotRead(t *testing.T) {
	for manifest, complaint := range map[string]string{
		`{"pulumi": `: "unexpected end of JSON input",
		`{"name": "third", "version": "1.0.0", "pulumi": {"resource": true}}`: `needs a "name"`,
		`{"name": "@pulumi/x", "pulumi": {"resource": true}}`:                 "has no version",
	} {
		dir := tree(t, map[string]string{"node_modules/x/package.json": manifest})
		if packages, err := required(t, dir); err == nil || !strings.Contains(err.Error(), complaint) {
			t.Errorf("%s: got %v, %v; want an error with %q", manifest, packages, err, complaint)
		}
	}
}

func TestGetProgramDependencies(t *testing.T) {
	dir := tree(t, map[string]string{
		"package.json": `{"dependencies": {"direct": "1.0.0"}}`,
		"package-lock.json": `{
  "name": "p",
  "lockfileVersion": 3,
  "packages": {
    "": {
      "dependencies": {
        "direct": "1.0.0"
      }
    },
    "node_modules/direct": {
      "version": "1.0.0"
    },
    "node_modules/indirect": {
      "version": "2.0.0"
    }
  }
}
`,
	})
	for transitive, want := range map[bool][]string{false: {"direct 1.0.0"}, true: {"direct 1.0.0", "indirect 2.0.0"}} {
		resp, err := newHost("").GetProgramDependencies(context.Background(), &rpc.GetProgramDependenciesRequest{
			Info: &rpc.ProgramInfo{ProgramDirectory: dir}, TransitiveDependencies: transitive,
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range resp.Dependencies {
			got = append(got, d.Name+" "+d.Version)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("transitive %v: got %q, want %q", transitive, got, want)
		}
	}
}

func TestPackagedVersion(t *testing.T) {
	dir := tree(t, map[string]string{
		"npm/package.json":   `{"name": "npm", "version": "11.19.1"}`,
		"npm/bin/npm-cli.js": "",
		"other/package.json": `{"name": "corepack", "version": "1.0.0"}`,
		"other/bin/npm.js":   "",
	})
	for path, want := range map[string]string{"npm/bin/npm-cli.js": "11.19.1", "other/bin/npm.js": "", "gone": ""} {
		if got := packagedVersion(filepath.Join(dir, path), "npm"); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree writes files under a new temporary folder and returns its real path.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const runModule = "@pulumi/pulumi/cmd/run"

func TestResolveModule(t *testing.T) {
	dir := tree(t, map[string]string{
		"node_modules/@pulumi/pulumi/cmd/run/index.js": "",
		"a/b/program.ts": "",
		"near/node_modules/@pulumi/pulumi/cmd/run.js": "",
		"near/program.ts": "",
		"real/node_modules/@pulumi/pulumi/cmd/run/index.js": "",
		"file/node_modules":               "a file where a folder is expected",
		"far/node_modules/other/index.js": "",
	})
	if err := os.Symlink(filepath.Join(dir, "real"), filepath.Join(dir, "near", "link")); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{
		"a/b":                "node_modules/@pulumi/pulumi/cmd/run/index.js",      // found further up
		"near":               "near/node_modules/@pulumi/pulumi/cmd/run.js",       // the nearest wins
		"near/link":          "real/node_modules/@pulumi/pulumi/cmd/run/index.js", // from the real path
		"file":               "node_modules/@pulumi/pulumi/cmd/run/index.js",
		"far":                "node_modules/@pulumi/pulumi/cmd/run/index.js",
		"far/node_modules":   "node_modules/@pulumi/pulumi/cmd/run/index.js", // never node_modules/node_modules
		"near/node_modules/": "near/node_modules/@pulumi/pulumi/cmd/run.js",
	} {
		got, err := resolveModule(filepath.Join(dir, from), runModule)
		if err != nil || got != filepath.Join(dir, want) {
			t.Errorf("from %s: got %s, %v; want %s", from, got, err, want)
		}
	}
}

func TestResolveModuleMissing(t *testing.T) {
	dir := tree(t, map[string]string{"program.ts": ""})
	if got, err := resolveModule(dir, runModule); !errors.Is(err, errNotInstalled) {
		t.Errorf("got %s, %v; want errNotInstalled", got, err)
	}
	if got, err := resolveModule(filepath.Join(dir, "gone"), runModule); err == nil {
		t.Errorf("a folder that does not exist resolved to %s", got)
	}
	_, err := pulumiEntry(dir, "run", "`pulumi install`")
	if err == nil || !strings.Contains(err.Error(), "`pulumi install`") || !strings.Contains(err.Error(), dir) {
		t.Errorf("the error does not say where and what to do: %v", err)
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// bundled is a project whose bundle was made after its only source.
func bundled(t *testing.T) string {
	t.Helper()
	dir := tree(t, map[string]string{
		"index.ts":              "12345",
		".build/p.js":           "",
		".build/p.js.meta.json": `{"inputs": {"index.ts": {"bytes": 5}}}`,
	})
	age(t, filepath.Join(dir, "index.ts"), time.Hour)
	return dir
}

func age(t *testing.T, path string, by time.Duration) {
	t.Helper()
	then := time.Now().Add(-by)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

func choose(dir string) program {
	return chooseProgram(&rpc.ProgramInfo{RootDirectory: dir, ProgramDirectory: dir, EntryPoint: "index.ts"},
		options{typescript: true, precompiled: ".build/p.js"})
}

func TestChooseProgramBundle(t *testing.T) {
	dir := bundled(t)
	want := program{entry: filepath.Join(dir, ".build/p.js")}
	if got := choose(dir); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestChooseProgramWithoutOption(t *testing.T) {
	got := chooseProgram(&rpc.ProgramInfo{EntryPoint: "index.js"}, options{})
	if want := (program{entry: "index.js"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Whatever makes it doubtful that the bundle is what the source says, the source is run and the reason is given.
func TestChooseProgramDoubt(t *testing.T) {
	write := func(name, content string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for reason, change := range map[string]func(*testing.T, string){
		"has not been built": remove(".build/p.js"),
		"cannot tell":        remove(".build/p.js.meta.json"),
		"is gone":            remove("index.ts"),
		"lists no inputs":    write(".build/p.js.meta.json", `{"inputs": {}}`),
		"invalid character":  write(".build/p.js.meta.json", `?`),
		"was changed": func(t *testing.T, dir string) { // same size, newer
			age(t, filepath.Join(dir, ".build/p.js"), 2*time.Hour)
		},
		"built before": func(t *testing.T, dir string) { // other size, older: a file restored from a backup
			write("index.ts", "1234567")(t, dir)
			age(t, filepath.Join(dir, "index.ts"), time.Hour)
		},
	} {
		dir := bundled(t)
		change(t, dir)
		got := choose(dir)
		if got.entry != "index.ts" || !got.typescript || !strings.Contains(got.note, reason) {
			t.Errorf("%s: got %+v", reason, got)
		}
	}
}

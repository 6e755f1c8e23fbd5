package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A stack's whole life: TypeScript program, TypeScript plugin, configuration, secrets, components, outputs.
func TestEngineLifecycle(t *testing.T) {
	t.Parallel()
	p := open(t, "program")
	p.set("secret", "12345", "--secret")

	out := p.pulumi("preview")
	contains(t, out, "testing:index:Echo first create", "testing:index:Echo second create", "dryRun      : true")
	lacks(t, out, "12345")

	p.pulumi("up", "--yes", "--skip-preview")
	want := map[string]any{
		"echoed": "hello!", "secret": 5.0, "stack": "organization/program/TestEngineLifecycle", "compiledFrom": "index.ts", "dryRun": false,
	}
	got := p.outputs()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("output %s is %v, want %v", name, got[name], value)
		}
	}

	contains(t, p.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes"), "4 unchanged")
	p.set("text", "bye")
	contains(t, p.pulumi("up", "--yes", "--skip-preview"), "2 updated")
	if got := p.outputs()["echoed"]; got != "bye!" {
		t.Errorf("after the update: %v", got)
	}
	contains(t, p.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes"), "unchanged")
	contains(t, p.pulumi("refresh", "--yes", "--skip-preview", "--run-program", "--expect-no-changes"), "unchanged")
	contains(t, p.pulumi("destroy", "--yes", "--skip-preview"), "4 deleted")
}

func TestEngineAbout(t *testing.T) {
	t.Parallel()
	node, err := exec.Command(filepath.Join(root(), ".toolchain", "bin", "node"), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	out := open(t, "program").pulumi("about", "--json")
	contains(t, out, `"language": "nodejs"`, strings.TrimSpace(string(node)), `"packagemanager": "npm"`)
}

// What a program does wrong is told once, in its own words.
func TestEngineProgramFails(t *testing.T) {
	t.Parallel()
	p := open(t, "throws")
	for how, want := range map[string]string{
		"throw":     "Error: thrown on purpose",
		"reject":    "Error: rejected on purpose",
		"run-error": "error: said on purpose",
		"exit":      "the program ended with exit status 7",
		"kill":      "the program ended unexpectedly: signal: killed",
	} {
		p.set("how", how)
		out := p.fails("preview")
		contains(t, out, want)
		if how == "throw" || how == "run-error" {
			lacks(t, out, "the program ended") // it has been told
		}
		// The place in the source, through the source map.
		if how == "throw" {
			contains(t, out, "index.ts:6:15")
		}
	}
}

func TestEngineWithoutNodeModules(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"Pulumi.yaml": "name: bare\nruntime: nodejs\n", "index.ts": "", "package.json": `{"name": "bare"}`,
	})
	p := openAt(t, dir)
	contains(t, p.fails("preview"), "@pulumi/pulumi) is not installed for "+dir, "`pulumi install`")
}

// The bundle runs while it is up to date; then the source, and the user is told.
func TestEnginePrecompiled(t *testing.T) {
	t.Parallel()
	// Inside the project, for its node_modules.
	dir, err := os.MkdirTemp(filepath.Join(root(), ".toolchain"), "test.")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, content := range map[string]string{
		"Pulumi.yaml":  "name: fast\nruntime:\n  name: nodejs\n  options:\n    precompiled: out/p.js\nmain: index.ts\n",
		"index.ts":     "export const from: string = __filename.split('/').pop()!;\nexport const ts = '' + Object.keys(require.cache).some((f) => f.endsWith('/typescript.js'));\n",
		"package.json": `{"name": "fast"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command(filepath.Join(root(), "node_modules/.bin/esbuild"), "index.ts", "--bundle", "--platform=node",
		"--packages=external", "--outfile=out/p.js", "--metafile=out/p.js.meta.json", "--log-level=warning")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p := openAt(t, dir)
	out := p.pulumi("preview")
	contains(t, out, `from: "p.js"`, `ts  : "false"`)
	lacks(t, out, "running the TypeScript source")

	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(filepath.Join(dir, "index.ts"), later, later); err != nil {
		t.Fatal(err)
	}
	contains(t, p.pulumi("preview"), `from: "index.ts"`, "running the TypeScript source", "was built before")
}

// An error in a bundle is shown where it is in the source.
func TestEnginePrecompiledErrorPosition(t *testing.T) {
	t.Parallel()
	dir := inToolchain(t, map[string]string{
		"Pulumi.yaml":  "name: fast\nruntime:\n  name: nodejs\n  options:\n    precompiled: p.js\nmain: index.ts\n",
		"index.ts":     "import * as pulumi from '@pulumi/pulumi';\n\ninterface Nothing {}\nexport const x: Nothing = pulumi;\n\n  throw new Error('here');\n",
		"package.json": `{"name": "fast"}`,
	})
	build := exec.Command(filepath.Join(root(), "node_modules/.bin/esbuild"), "index.ts", "--bundle", "--platform=node", "--sourcemap",
		"--packages=external", "--outfile=p.js", "--metafile=p.js.meta.json", "--log-level=warning")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out := openAt(t, dir).fails("preview")
	contains(t, out, "Error: here", "index.ts:6:")
	lacks(t, out, "running the TypeScript source")
}

// An interrupted update interrupts the program: nothing is left running.
func TestEngineCancel(t *testing.T) {
	t.Parallel()
	p := open(t, "slow")
	pidfile := filepath.Join(t.TempDir(), "pid")
	p.set("pidfile", pidfile)
	cmd := p.command("up", "--yes", "--skip-preview")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	pid := 0
	for pid == 0 {
		select {
		case err := <-ended:
			t.Fatalf("pulumi up ended by itself: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
		raw, _ := os.ReadFile(pidfile) // not there yet
		pid, _ = strconv.Atoi(string(raw))
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("an interrupted update succeeded")
	}
	// The host outlives the engine by the moment that it takes to notice.
	for syscall.Kill(pid, 0) == nil {
		time.Sleep(20 * time.Millisecond)
	}
}

// The CLI's check for secrets in plain text still works with our strength estimate (toolchain/engine/zxcvbn).
func TestEngineRefusesPlainSecrets(t *testing.T) {
	t.Parallel()
	p := open(t, "program")
	contains(t, p.fails("config", "set", "dbPassword", "tR4&kq9!zPw2xVb7#mLd"), "looks like a secret")
	p.set("dbPassword", "tR4&kq9!zPw2xVb7#mLd", "--plaintext")
	p.set("dbPassword", "no")
	p.set("text", "tR4&kq9!zPw2xVb7#mLd")
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The tests in engine_*_test.go run the real engine with this language host on the projects in toolchain/testdata.

// engineBin is a folder with the engine of .toolchain and the language host that is being tested.
var engineBin string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		toolchain := filepath.Join(root(), ".toolchain")
		if err := ownEngine(filepath.Join(toolchain, "bin", "pulumi")); err != nil {
			fmt.Fprintln(os.Stderr, "the engine cannot be tested:", err)
			return 1
		}
		// A hard link, so that the engine takes the folder for its own and finds the language host in it.
		dir, err := os.MkdirTemp(toolchain, "test.")
		if err == nil {
			defer os.RemoveAll(dir)
			err = os.Link(filepath.Join(toolchain, "bin", "pulumi"), filepath.Join(dir, "pulumi"))
		}
		if err == nil {
			err = copyFile(filepath.Join(root(), "toolchain", shimName), filepath.Join(dir, shimName))
		}
		if err == nil {
			var out []byte
			out, err = exec.Command("go", "build", "-o", dir, ".").CombinedOutput()
			os.Stderr.Write(out)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "the engine cannot be tested; run `SALLYPORT_TOOLCHAIN=own make setup` first:", err)
			return 1
		}
		engineBin = dir
		return m.Run()
	}())
}

// ownEngine returns an error when the engine is an installed one: that takes the language host beside its own binary, and
// the tests would pass whatever ours does.
func ownEngine(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("%w; fix: SALLYPORT_TOOLCHAIN=own make setup", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not built here but a link to an installed Pulumi; fix: SALLYPORT_TOOLCHAIN=own make setup (make test does that)", path)
	}
	return nil
}

func TestOwnEngine(t *testing.T) {
	dir := t.TempDir()
	built, link := filepath.Join(dir, "built"), filepath.Join(dir, "link")
	if err := os.WriteFile(built, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(built, link); err != nil {
		t.Fatal(err)
	}
	if err := ownEngine(built); err != nil {
		t.Error(err)
	}
	for _, path := range []string{link, filepath.Join(dir, "missing")} {
		if ownEngine(path) == nil {
			t.Errorf("%s is taken for an engine of our own", path)
		}
	}
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

// root is the project's root: tests run in their package's folder.
func root() string {
	dir, err := filepath.Abs("../../..")
	if err != nil {
		panic(err)
	}
	return dir
}

// project is a stack of one of the test projects, with a home and a backend of its own.
type project struct {
	t     *testing.T
	dir   string
	stack string
	env   []string
}

// open returns a stack of a project in toolchain/testdata. It is named after the test, because the engine keeps its
// configuration in the project's folder.
func open(t *testing.T, name string) *project {
	t.Helper()
	return openAt(t, filepath.Join(root(), "toolchain", "testdata", name))
}

func openAt(t *testing.T, dir string) *project {
	t.Helper()
	p := engineIn(t, dir)
	p.stack = t.Name()
	t.Cleanup(func() { os.Remove(filepath.Join(dir, "Pulumi."+p.stack+".yaml")) })
	p.pulumi("stack", "init", p.stack)
	return p
}

func engineIn(t *testing.T, dir string) *project {
	t.Helper()
	home, state := t.TempDir(), t.TempDir()
	p := &project{t: t, dir: dir}
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "PULUMI_") && !strings.HasPrefix(kv, "PATH=") && !strings.HasPrefix(kv, "NODE_") {
			p.env = append(p.env, kv)
		}
	}
	p.env = append(p.env,
		"PATH="+engineBin+":"+filepath.Join(root(), ".toolchain", "bin")+":"+os.Getenv("PATH"),
		"PULUMI_HOME="+home, "PULUMI_BACKEND_URL=file://"+state, "PULUMI_CONFIG_PASSPHRASE=test",
		"PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"NODE_COMPILE_CACHE="+filepath.Join(root(), ".toolchain", "compile-cache"),
	)
	return p
}

// set enters configuration of the stack.
func (p *project) set(key, value string, flags ...string) {
	p.t.Helper()
	p.pulumi(append([]string{"config", "set", key, value}, flags...)...)
}

func (p *project) command(args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(engineBin, "pulumi"), append([]string{"--non-interactive", "--color=never"}, args...)...)
	cmd.Dir, cmd.Env = p.dir, p.env
	return cmd
}

// pulumi runs a command that must succeed and returns its output.
func (p *project) pulumi(args ...string) string {
	p.t.Helper()
	out, err := p.command(args...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("pulumi %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// fails runs a command that must not succeed and returns its output.
func (p *project) fails(args ...string) string {
	p.t.Helper()
	out, err := p.command(args...).CombinedOutput()
	if err == nil {
		p.t.Fatalf("pulumi %s succeeded:\n%s", strings.Join(args, " "), out)
	}
	return string(out)
}

// outputs of the stack, secrets shown.
func (p *project) outputs() map[string]any {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := p.command("stack", "output", "--json", "--show-secrets")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("stack output: %v\n%s", err, stderr.String())
	}
	var all map[string]any
	if err := json.Unmarshal(stdout.Bytes(), &all); err != nil {
		p.t.Fatalf("%v in %s", err, stdout.String())
	}
	return all
}

// contains fails the test for every text that out does not have.
func contains(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("there is no %q in:\n%s", text, out)
		}
	}
}

// lacks fails the test for every text that out has.
func lacks(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(out, text) {
			t.Errorf("there is a %q in:\n%s", text, out)
		}
	}
}

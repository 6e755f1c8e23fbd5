package main

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"testing"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func TestTypescriptEnv(t *testing.T) {
	inherited := []string{"A=1", "PULUMI_NODEJS_TYPESCRIPT=true"}
	if got := typescriptEnv(inherited, false, "ts.json"); !slices.Equal(got, []string{"A=1"}) {
		t.Errorf("JavaScript: got %q", got)
	}
	want := []string{"A=1", "PULUMI_NODEJS_TYPESCRIPT=true", "PULUMI_NODEJS_TSCONFIG_PATH=ts.json", "PULUMI_NODEJS_TRANSPILE_ONLY=true"}
	if got := typescriptEnv(inherited, true, "ts.json"); !slices.Equal(got, want) {
		t.Errorf("TypeScript: got %q, want %q", got, want)
	}
	checked := []string{"PULUMI_NODEJS_TRANSPILE_ONLY=false"}
	if got := typescriptEnv(checked, true, ""); slices.Contains(got, "PULUMI_NODEJS_TRANSPILE_ONLY=true") {
		t.Errorf("the user's own choice was overruled: %q", got)
	}
}

func TestConfigEnv(t *testing.T) {
	got, err := configEnv(nil, map[string]string{"a:b": "1", "a:config:c": "2"}, nil)
	want := []string{`PULUMI_CONFIG={"a:config:b":"1","a:config:c":"2"}`, `PULUMI_CONFIG_SECRET_KEYS=[]`}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if _, err := configEnv(nil, map[string]string{"no-namespace": ""}, nil); err == nil {
		t.Error("a configuration key without a namespace was accepted")
	}
}

func TestRunArgs(t *testing.T) {
	h := newHost("e:1")
	r := &rpc.RunRequest{
		MonitorAddress: "m:2", Project: "p", Stack: "s", Parallel: 3, DryRun: true, Args: []string{"x"},
		Info: &rpc.ProgramInfo{RootDirectory: "/r", ProgramDirectory: "/r/d"},
	}
	want := "--monitor m:2 --engine e:1 --project p --root-directory /r --stack s --pwd /r/d --parallel 3 --dry-run i.ts x"
	if got := strings.Join(h.runArgs(r, program{entry: "i.ts"}), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRunResponse(t *testing.T) {
	sh := func(script string) error { return exec.Command("sh", "-c", script).Run() }
	for script, want := range map[string]*rpc.RunResponse{
		"true":          {},
		"exit 32":       {Bail: true},
		"exit 7":        {Error: "the program ended with exit status 7"},
		"kill -KILL $$": {Error: "the program ended unexpectedly: signal: killed"},
	} {
		if got := runResponse(sh(script)); got.Bail != want.Bail || got.Error != want.Error {
			t.Errorf("%s: got %v, want %v", script, got, want)
		}
	}
}

func TestRunReportsWhatIsMissing(t *testing.T) {
	dir := tree(t, map[string]string{"index.ts": ""})
	resp, err := newHost("").Run(context.Background(), &rpc.RunRequest{Info: &rpc.ProgramInfo{ProgramDirectory: dir}})
	if err != nil || !strings.Contains(resp.Error, "pulumi install") {
		t.Errorf("got %v, %v", resp, err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := findNode(); err == nil || !strings.Contains(err.Error(), "install Node.js") {
		t.Errorf("got %v", err)
	}
}

func TestProviderScript(t *testing.T) {
	dir := tree(t, map[string]string{
		"bundle/index.js": "", "source/index.ts": "",
		"node_modules/@pulumi/pulumi/cmd/run-plugin/index.js": "",
	})
	opts := options{precompiled: "index.js"}
	script, args, err := providerScript(dir+"/bundle", opts, []string{"addr"})
	if err != nil || script != dir+"/bundle/index.js" || !slices.Equal(args, []string{"addr"}) {
		t.Errorf("bundle: got %s %q %v", script, args, err)
	}
	script, args, err = providerScript(dir+"/source", opts, []string{"addr"})
	if err != nil || !strings.HasSuffix(script, "run-plugin/index.js") || !slices.Equal(args, []string{dir + "/source", "addr"}) {
		t.Errorf("source: got %s %q %v", script, args, err)
	}
}

func TestPolicyEnv(t *testing.T) {
	got, err := policyEnv([]string{"A=1"}, &rpc.AnalyzerStackConfigureRequest{
		Stack: "s", Project: "p", DryRun: true, Config: map[string]string{"p:k": "v"},
	})
	want := []string{"A=1", "PULUMI_NODEJS_PROJECT=p", "PULUMI_NODEJS_STACK=s", "PULUMI_NODEJS_DRY_RUN=true", `PULUMI_CONFIG={"p:k":"v"}`}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if got, err := policyEnv([]string{"A=1"}, nil); err != nil || !slices.Equal(got, []string{"A=1"}) {
		t.Errorf("without a stack: got %q, %v", got, err)
	}
}

func TestWriteFilesStaysInside(t *testing.T) {
	dir := t.TempDir()
	if err := writeFiles(dir, map[string][]byte{"../escaped": nil}); err == nil {
		t.Error("a file outside the SDK's folder was written")
	}
}

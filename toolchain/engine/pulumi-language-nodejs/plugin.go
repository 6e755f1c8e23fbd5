package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// RunPlugin runs a plugin that is written in TypeScript or JavaScript (a source plugin: a folder with PulumiPlugin.yaml)
// or a policy pack, until it ends. Its output goes to the engine; the first line is the port it listens on.
func (h *host) RunPlugin(r *rpc.RunPluginRequest, stream rpc.LanguageRuntime_RunPluginServer) error {
	opts, err := readOptions(r.Info)
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(stream, false)
	if err != nil {
		return err
	}
	defer closer.Close() // once more below, with its error; closing twice is harmless

	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	defer context.AfterFunc(h.cancelled, cancel)()

	if r.AttachDebugger {
		if opts.nodeArgs, err = debuggerArgs(opts.nodeArgs); err != nil {
			return err
		}
	}
	if r.Kind == string(apitype.AnalyzerPlugin) {
		err = h.runPolicyPack(ctx, r, opts, stdout, stderr)
	} else {
		err = h.runProvider(ctx, r, opts, stdout, stderr)
	}
	if err != nil {
		return err
	}
	return closer.Close()
}

func (h *host) runProvider(ctx context.Context, r *rpc.RunPluginRequest, opts options, stdout, stderr io.Writer) error {
	script, args, err := providerScript(r.Info.GetProgramDirectory(), opts, r.Args)
	if err != nil {
		return err
	}
	cmd, err := nodeCommand(ctx, opts, typescriptEnv(r.Env, opts.typescript, opts.tsconfig), script, args...)
	if err != nil {
		return err
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = r.Pwd, stdout, stderr
	if err := h.start(ctx, r, cmd); err != nil {
		return err
	}
	return pluginEnd(r, cmd.Wait())
}

// providerScript is what node runs for a provider: its bundle, when it names one that exists, else Pulumi's run-plugin.
// A bundle serves by itself. run-plugin loads TypeScript even for JavaScript, which takes half a second and 100 MiB.
func providerScript(dir string, opts options, args []string) (string, []string, error) {
	if opts.precompiled != "" {
		bundle := filepath.Join(dir, opts.precompiled)
		if info, err := os.Stat(bundle); err == nil && info.Mode().IsRegular() {
			return bundle, args, nil
		}
	}
	script, err := pulumiEntry(dir, "run-plugin", "`npm install` in "+dir)
	return script, append([]string{dir}, args...), err
}

// runPolicyPack starts a pack in two steps, because the policy SDK reads its stack from the environment: Pulumi's proxy
// takes the engine's ConfigureStack first, then the real pack is started and everything is passed on to it.
func (h *host) runPolicyPack(ctx context.Context, r *rpc.RunPluginRequest, opts options, stdout, stderr io.Writer) error {
	dir := r.Info.GetProgramDirectory()
	script, err := pulumiEntry(dir, "run-policy-pack", "`npm install` in "+dir)
	if err != nil {
		return err
	}
	proxy, stdout, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return fmt.Errorf("cannot start the policy proxy: %w", err)
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return fmt.Errorf("the engine did not configure policy pack %s: %w", dir, err)
	}
	env, err := policyEnv(typescriptEnv(r.Env, opts.typescript, opts.tsconfig), stack)
	if err != nil {
		return err
	}
	cmd, err := nodeCommand(ctx, opts, env, script, append(append([]string{}, r.Args...), dir)...)
	if err != nil {
		return err
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, stdout, stderr
	if err := h.start(ctx, r, cmd); err != nil {
		return err
	}
	return pluginEnd(r, proxy.Attach(ctx, cmd)) // waits for the end of cmd
}

func (h *host) start(ctx context.Context, r *rpc.RunPluginRequest, cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot start node for plugin %s: %w", r.Name, err)
	}
	if !r.AttachDebugger {
		return nil
	}
	if err := h.announceDebugger(ctx, cmd, "Pulumi: Plugin ("+r.Name+")"); err != nil {
		_ = cmd.Process.Kill() // nobody will attach
		_ = cmd.Wait()
		return err
	}
	return nil
}

// pluginEnd names the plugin in the error of one that did not end by itself.
func pluginEnd(r *rpc.RunPluginRequest, err error) error {
	if err == nil {
		return nil
	}
	if code, exited := exitCode(err); exited {
		return fmt.Errorf("plugin %s (%s) ended with exit status %d", r.Name, r.Info.GetProgramDirectory(), code)
	}
	return fmt.Errorf("plugin %s (%s): %w", r.Name, r.Info.GetProgramDirectory(), err)
}

// policyEnv adds the stack that is looked at; stack is nil when there is none (`pulumi policy publish`).
func policyEnv(env []string, stack *rpc.AnalyzerStackConfigureRequest) ([]string, error) {
	if stack == nil {
		return env, nil
	}
	for _, kv := range [][2]string{
		{"PULUMI_NODEJS_ORGANIZATION", stack.Organization},
		{"PULUMI_NODEJS_PROJECT", stack.Project},
		{"PULUMI_NODEJS_STACK", stack.Stack},
		{"PULUMI_NODEJS_DRY_RUN", strconv.FormatBool(stack.DryRun)},
	} {
		if kv[1] != "" {
			env = append(env, kv[0]+"="+kv[1])
		}
	}
	if stack.Config != nil {
		config, err := json.Marshal(stack.Config)
		if err != nil {
			return nil, err
		}
		env = append(env, "PULUMI_CONFIG="+string(config))
	}
	return env, nil
}

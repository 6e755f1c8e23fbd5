package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// exitReported is the exit status by which @pulumi/pulumi says that the user has already been told what is wrong.
const exitReported = 32

// Run executes the program once, for a preview, update, refresh or destroy. What the program does wrong is an answer,
// not an error of the call.
func (h *host) Run(ctx context.Context, r *rpc.RunRequest) (*rpc.RunResponse, error) {
	opts, err := readOptions(r.Info)
	if err != nil {
		return &rpc.RunResponse{Error: err.Error()}, nil
	}
	script, err := pulumiEntry(r.Info.GetProgramDirectory(), "run", "`pulumi install`")
	if err != nil {
		return &rpc.RunResponse{Error: err.Error()}, nil
	}
	env, err := configEnv(os.Environ(), r.Config, r.ConfigSecretKeys)
	if err != nil {
		return nil, err
	}
	prog := chooseProgram(r.Info, opts)
	if prog.note != "" {
		h.log(ctx, rpc.LogSeverity_WARNING, prog.note)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.cancelled, cancel)()

	if r.AttachDebugger {
		opts.nodeArgs, err = debuggerArgs(opts.nodeArgs)
		if err != nil {
			return nil, err
		}
	}
	cmd, err := nodeCommand(ctx, opts, typescriptEnv(env, prog.typescript, opts.tsconfig), script, h.runArgs(r, prog)...)
	if err != nil {
		return &rpc.RunResponse{Error: err.Error()}, nil
	}
	cmd.Stdout, cmd.Stderr = plainWriter{os.Stdout}, plainWriter{os.Stderr}
	if err := cmd.Start(); err != nil {
		return &rpc.RunResponse{Error: fmt.Sprintf("cannot start node: %v", err)}, nil
	}
	if r.AttachDebugger {
		if err := h.announceDebugger(ctx, cmd, "Pulumi: Program (nodejs)"); err != nil {
			cancel()
			_ = cmd.Wait() // the announcement's error is the one to report
			return nil, err
		}
	}
	return runResponse(cmd.Wait()), nil
}

// runResponse translates the end of node.
func runResponse(err error) *rpc.RunResponse {
	code, exited := exitCode(err)
	switch {
	case err == nil:
		return &rpc.RunResponse{}
	case exited && code == exitReported:
		return &rpc.RunResponse{Bail: true}
	case exited:
		return &rpc.RunResponse{Error: fmt.Sprintf("the program ended with exit status %d", code)}
	default: // killed by a signal, interrupted, or its output could not be read
		return &rpc.RunResponse{Error: fmt.Sprintf("the program ended unexpectedly: %v", err)}
	}
}

// runArgs are the arguments of @pulumi/pulumi/cmd/run.
func (h *host) runArgs(r *rpc.RunRequest, prog program) []string {
	var args []string
	for _, flag := range [][2]string{
		{"monitor", r.MonitorAddress},
		{"engine", h.engineAddress()},
		{"organization", r.Organization},
		{"project", r.Project},
		{"root-directory", r.Info.GetRootDirectory()},
		{"stack", r.Stack},
		{"pwd", r.Info.GetProgramDirectory()},
		{"parallel", strconv.Itoa(int(r.Parallel))},
	} {
		if flag[1] != "" {
			args = append(args, "--"+flag[0], flag[1])
		}
	}
	if r.DryRun {
		args = append(args, "--dry-run")
	}
	return append(append(args, prog.entry), r.Args...)
}

// configEnv adds the stack's configuration to the environment. Keys are written NAMESPACE:config:NAME, the form that
// every version of @pulumi/pulumi reads.
func configEnv(env []string, values map[string]string, secretKeys []string) ([]string, error) {
	byKey := make(map[string]string, len(values))
	for name, value := range values {
		key, err := config.ParseKey(name)
		if err != nil {
			return nil, fmt.Errorf("configuration key %q: %w", name, err)
		}
		byKey[key.Namespace()+":config:"+key.Name()] = value
	}
	all, err := json.Marshal(byKey)
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(append([]string{}, secretKeys...)) // never null
	if err != nil {
		return nil, err
	}
	return append(env, "PULUMI_CONFIG="+string(all), "PULUMI_CONFIG_SECRET_KEYS="+string(secrets)), nil
}

// log writes to the engine's log, so that the line is shown whatever the display. A log that cannot be written goes to
// the standard error stream, which the engine shows too.
func (h *host) log(ctx context.Context, severity rpc.LogSeverity, message string) {
	engine, conn, err := h.dialEngine()
	if err == nil {
		defer conn.Close()
		_, err = engine.Log(ctx, &rpc.LogRequest{Severity: severity, Message: message})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, message)
	}
}

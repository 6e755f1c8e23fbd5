package main

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strconv"

	"google.golang.org/protobuf/types/known/structpb"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

const inspectFlag = "--inspect-brk="

// debuggerArgs makes node wait for a debugger (`pulumi up --attach-debugger`) on a free port of the loopback interface.
func debuggerArgs(nodeArgs []string) ([]string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("no port for the debugger: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return nil, err
	}
	return append(slices.Clone(nodeArgs), inspectFlag+strconv.Itoa(port), "--inspect-publish-uid=http"), nil
}

// announceDebugger tells the engine where the debugger can attach and waits until one has.
func (h *host) announceDebugger(ctx context.Context, cmd *exec.Cmd, name string) error {
	i := slices.IndexFunc(cmd.Args, func(a string) bool { return len(a) > len(inspectFlag) && a[:len(inspectFlag)] == inspectFlag })
	if i < 0 {
		return fmt.Errorf("node was not started for a debugger")
	}
	port, err := strconv.Atoi(cmd.Args[i][len(inspectFlag):])
	if err != nil {
		return err
	}
	cfg, err := structpb.NewStruct(map[string]any{
		"name": name, "type": "node", "request": "attach", "processId": cmd.Process.Pid, "port": port,
		"continueOnAttach": true, "skipFiles": []any{"<node_internals>/**"},
	})
	if err != nil {
		return err
	}
	engine, conn, err := h.dialEngine()
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = engine.StartDebugging(ctx, &rpc.StartDebuggingRequest{
		Config: cfg, Message: fmt.Sprintf("on process id %d and port %d", cmd.Process.Pid, port),
	})
	if err != nil {
		return fmt.Errorf("the engine could not start debugging: %w", err)
	}
	return nil
}

package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	"github.com/pulumi/pulumi/sdk/v3/nodejs/npm"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// host serves one engine. Its methods are in the files that are named after them.
type host struct {
	rpc.UnimplementedLanguageRuntimeServer
	engine     atomic.Value // string, HOST:PORT of the engine
	cancelled  context.Context
	cancel     context.CancelFunc
	engineLost context.CancelFunc // ends the server; nil in unit tests
}

func newHost(engine string) *host {
	ctx, cancel := context.WithCancel(context.Background())
	h := &host{cancelled: ctx, cancel: cancel}
	h.engine.Store(engine)
	return h
}

func (h *host) engineAddress() string { return h.engine.Load().(string) }

// Handshake is how a newer engine introduces itself; older ones pass their address on the command line.
func (h *host) Handshake(_ context.Context, r *rpc.LanguageHandshakeRequest) (*rpc.LanguageHandshakeResponse, error) {
	known := h.engineAddress()
	h.engine.Store(r.EngineAddress)
	if known != r.EngineAddress && h.engineLost != nil {
		if err := rpcutil.Healthcheck(h.cancelled, r.EngineAddress, engineGone, h.engineLost); err != nil {
			return nil, fmt.Errorf("cannot watch the engine at %s: %w", r.EngineAddress, err)
		}
	}
	return &rpc.LanguageHandshakeResponse{}, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*rpc.PluginInfo, error) {
	return &rpc.PluginInfo{Version: version.Version}, nil
}

// Cancel interrupts every program that this host is running.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancel()
	return &emptypb.Empty{}, nil
}

// About answers `pulumi about`. A missing version is left empty: this is a report, not a check.
func (h *host) About(ctx context.Context, r *rpc.AboutRequest) (*rpc.AboutResponse, error) {
	opts, err := readOptions(r.Info)
	if err != nil {
		return nil, err
	}
	node, err := findNode()
	if err != nil {
		return nil, err
	}
	resp := &rpc.AboutResponse{Executable: node, Metadata: map[string]string{}}
	if out, err := exec.CommandContext(ctx, node, "--version").Output(); err == nil {
		resp.Version = strings.TrimSpace(string(out))
	}
	pm, err := npm.ResolvePackageManager(opts.packageManager, r.Info.GetProgramDirectory())
	if err != nil {
		return nil, err
	}
	resp.Metadata["packagemanager"] = pm.Name()
	if v, err := pm.Version(); err == nil {
		resp.Metadata["packagemanagerVersion"] = v.String()
	}
	return resp, nil
}

// dialEngine connects to the engine, for the log and for debuggers.
func (h *host) dialEngine() (rpc.EngineClient, *grpc.ClientConn, error) {
	addr := h.engineAddress()
	if addr == "" {
		return nil, nil, fmt.Errorf("the engine's address is not known: call Handshake first")
	}
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, nil, fmt.Errorf("cannot connect to the engine at %s: %w", addr, err)
	}
	return rpc.NewEngineClient(conn), conn, nil
}

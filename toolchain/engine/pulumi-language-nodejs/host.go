package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
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

// dialEngine connects to the engine, for the log and for debuggers.
func (h *host) dialEngine() (rpc.EngineClient, *grpc.ClientConn, error) {
	addr := h.engineAddress()
	if addr == "" {
		return nil, nil, errors.New("the engine's address is not known: call Handshake first")
	}
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, nil, fmt.Errorf("cannot connect to the engine at %s: %w", addr, err)
	}
	return rpc.NewEngineClient(conn), conn, nil
}

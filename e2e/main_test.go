package e2e

import (
	"context"
	"fmt"
	"os"
	"testing"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/livekit/protocol/logger"

	"heyy/internal/lab/bench"
)

// binary is the program under test.
var binary string

func TestMain(m *testing.M) {
	if how := os.Getenv(phoneEnv); how != "" {
		lksdk.SetLogger(logger.GetDiscardLogger())
		ring(how)
		return
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "heyy-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		if binary, err = bench.Build(context.Background(), "..", dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		lksdk.SetLogger(logger.GetDiscardLogger()) // its clients are told to be rude here, and say so
		return m.Run()
	}())
}

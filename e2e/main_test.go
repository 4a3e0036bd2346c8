package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/livekit/protocol/logger"
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
		binary = filepath.Join(dir, "heyy")
		build := exec.Command("go", "build", "-o", binary, "../cmd/heyy")
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "build:", err)
			return 1
		}
		lksdk.SetLogger(logger.GetDiscardLogger()) // its clients are told to be rude here, and say so
		return m.Run()
	}())
}

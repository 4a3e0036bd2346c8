package listen

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// panics is a log handler that notes errors.
type panics struct{ n atomic.Int32 }

func (p *panics) logger() *slog.Logger                         { return slog.New(p) }
func (p *panics) any() bool                                    { return p.n.Load() > 0 }
func (p *panics) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }
func (p *panics) Handle(context.Context, slog.Record) error    { p.n.Add(1); return nil }
func (p *panics) WithAttrs([]slog.Attr) slog.Handler           { return p }
func (p *panics) WithGroup(string) slog.Handler                { return p }

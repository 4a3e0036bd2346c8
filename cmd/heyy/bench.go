package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"heyy/internal/lab/bench"
	"heyy/internal/lab/bench/listening"
	"heyy/internal/lab/bench/stage"
	"heyy/internal/live/sfu"
)

type benchCommand struct {
	Name      string        `arg:"" enum:"join,room,stage,lobby,listen,start,intro,call,match,discover,realtime,livekit,floor" help:"join: time from pressing join to the first audio. room: cost of listeners. stage: events, commands and hands of a room with thousands of listeners. lobby: reading and searching very many rooms. listen: cost of large audiences, beside a stock LiveKit server and a bare loop. start: time from launch to ready. intro: time from sending a recording until it is heard. call: time from a tap to talking, and cost of calls. match: quality of pairing. discover: finding people among very many. realtime: cost of idle clients, speed of messages, return after a cut, a long conversation."`
	JSON      bool          `name:"json" help:"Print one JSON object instead of a table."`
	Joins     int           `placeholder:"N" help:"join: number of joins."`
	Listeners []int         `placeholder:"N,..." help:"room, listen: numbers of listeners to measure."`
	Speakers  []int         `placeholder:"N,..." help:"listen: numbers of people who talk at once."`
	Frames    []int         `placeholder:"MS,..." help:"listen: lengths of packets: 20, 60."`
	Peer      int           `placeholder:"N" help:"listen: listeners of the stock LiveKit server at most."`
	Storm     int           `placeholder:"N" help:"listen: joins within 10 s; -1: none."`
	Calls     []int         `placeholder:"N,..." help:"call: numbers of concurrent calls to measure."`
	Rooms     int           `placeholder:"N" help:"lobby: number of live rooms."`
	Profiles  int           `default:"1000000" placeholder:"N" help:"discover: number of profiles."`
	Wait      []int64       `placeholder:"N,..." help:"match: weights of a second of waiting to try."`
	Rates     []float64     `placeholder:"N,..." help:"match: arrivals per second to try."`
	Phases    []string      `placeholder:"NAME,..." help:"realtime: idle, messages, drop, history; default: all."`
	Clients   int           `placeholder:"N" help:"realtime: number of clients. stage: connected listeners."`
	Crowd     int           `placeholder:"N" help:"stage: members of the large room."`
	Hands     int           `placeholder:"N" help:"stage: hands raised within a second."`
	Window    time.Duration `placeholder:"TIME" help:"realtime: how long idle clients and messages are measured. listen: how long each row is."`
	History   int           `placeholder:"N" help:"realtime: number of messages of the long conversation."`
	Postgres  string        `placeholder:"URL" help:"discover, lobby, realtime, stage: PostgreSQL server for a test database, instead of SQLite."`
	Child     string        `hidden:"" help:"livekit, floor: configuration of a helper process of listen."`
}

// Run runs a benchmark of this program as a child process; discover and match run within
// this process, without a network.
func (b *benchCommand) Run(ctx context.Context, to std) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if b.Name == "livekit" || b.Name == "floor" {
		return b.help(ctx)
	}
	var report bench.Report
	switch b.Name {
	case "discover":
		report, err = bench.Discover(ctx, b.Profiles, b.Postgres)
	case "lobby":
		report, err = bench.Lobby(ctx, b.Rooms, b.Postgres)
	case "realtime":
		report, err = bench.Realtime(ctx, self, bench.RealtimeConfig{Phases: b.Phases, Clients: b.Clients, Window: b.Window, History: b.History, Postgres: b.Postgres})
	case "stage":
		report, err = stage.Run(ctx, self, stage.Config{Clients: b.Clients, Crowd: b.Crowd, Hands: b.Hands, Postgres: b.Postgres})
	case "listen":
		report, err = listening.Run(ctx, self, listening.Config{Speakers: b.Speakers, Listeners: b.Listeners, Frames: b.Frames, Window: b.Window, PeerMost: b.Peer, Storm: b.Storm})
	case "match":
		report, err = bench.Match(ctx, bench.MatchConfig{Wait: b.Wait, Rates: b.Rates})
	default:
		report, err = bench.Run(ctx, b.Name, self, bench.Options{Joins: b.Joins, Listeners: b.Listeners, Calls: b.Calls})
	}
	if err != nil {
		return err
	}
	if b.JSON {
		return report.JSON(to.out)
	}
	return report.Table(to.out)
}

// help runs a helper process of the benchmark listen until ctx ends.
func (b *benchCommand) help(ctx context.Context) error {
	var c listening.ChildConfig
	if err := json.Unmarshal([]byte(b.Child), &c); err != nil {
		return fmt.Errorf("only heyy bench listen runs this: %w", err)
	}
	if b.Name == "floor" {
		return listening.Floor(ctx, c)
	}
	return sfu.RunStock(ctx, sfu.StockConfig{Port: c.Port, TCPPort: c.TCPPort, Key: c.Key, Secret: c.Secret})
}

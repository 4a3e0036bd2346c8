package listening

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"golang.org/x/sync/errgroup"

	"heyy/internal/base/id"
	"heyy/internal/lab/bench"
	"heyy/internal/lab/bench/audience"
	"heyy/internal/lab/bot"
)

const (
	tierAtOnce = 16     // minimal clients that join at the same time
	opened     = 20_000 // packets a second that the generator decrypts
	never      = 1 << 30
)

// tierServer starts the program with packets of so many milliseconds for everybody, with
// people on it.
func (b *suite) tierServer(ctx context.Context, people, packet int) (*bench.Server, []bench.Token, error) {
	from := never
	if packet == 60 {
		from = 1
	}
	s, err := bench.Start(ctx, b.binary, "", "--audience-large-from", strconv.Itoa(from))
	if err != nil {
		return nil, nil, err
	}
	tokens, err := s.Tokens(ctx, people)
	if err != nil {
		return nil, nil, errors.Join(err, s.Stop())
	}
	return s, tokens, nil
}

// tierPanel opens a room with the first token and seats as many speakers.
func tierPanel(ctx context.Context, s *bench.Server, tokens []bench.Token, speakers int) (p *panel, room string, err error) {
	p = newPanel(speakers)
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	stay, room, mic, err := bench.TakeStage(ctx, bench.Target{BaseURL: s.BaseURL, Tokens: tokens})
	if err != nil {
		return p, "", err
	}
	p.mics, p.hang = append(p.mics, mic), append(p.hang, stay.HangUp)
	for _, t := range tokens[1:speakers] {
		stay, err := bot.Known(s.BaseURL, t.Account, t.Token).Join(ctx, room, bot.Options{Deaf: true})
		if err != nil {
			return p, "", err
		}
		p.hang = append(p.hang, stay.HangUp)
		if _, err := stay.Sit(ctx, 0); err != nil {
			return p, "", err
		}
		mic, err := stay.Mic(ctx)
		if err == nil {
			err = stay.Unmute(ctx)
		}
		if err != nil {
			return p, "", err
		}
		p.mics = append(p.mics, mic)
	}
	return p, room, nil
}

// withTier runs a row at the listening tier.
func (b *suite) withTier(ctx context.Context, r row, run func(s *bench.Server, p *panel, room string, people []bench.Token) error) (err error) {
	s, tokens, err := b.tierServer(ctx, r.speakers+r.listeners, r.ms)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	p, room, err := tierPanel(ctx, s, tokens, r.speakers)
	if err != nil {
		return err
	}
	defer p.close()
	return run(s, p, room, tokens[r.speakers:])
}

// tier measures the listening tier with minimal clients.
func (b *suite) tier(ctx context.Context, r row) error {
	return b.withTier(ctx, r, func(s *bench.Server, p *panel, room string, people []bench.Token) error {
		t := &tally{}
		e := newEars(t, r.listeners, r.speakers*r.listeners*1000/r.ms/opened)
		crowd, err := audience.New(e.packet)
		if err != nil {
			return err
		}
		defer crowd.Close()
		err = b.measure(ctx, r, rig{
			pid: s.PID(), panel: p, tally: t, goroutines: func() float64 { return s.Metric("go_goroutines") },
			gather: func(ctx context.Context, from, to int) error {
				var joining errgroup.Group
				joining.SetLimit(tierAtOnce)
				for _, who := range people[from:to] {
					joining.Go(func() error {
						_, err := joinTier(ctx, crowd, s.BaseURL, room, who)
						return err
					})
				}
				return joining.Wait()
			},
		})
		if err != nil {
			return err
		}
		t.mu.Lock()
		b.f.Add(r.name("numbers_left_out"), float64(t.gaps))
		b.f.Add(r.name("numbers_repeated"), float64(t.repeats))
		t.mu.Unlock()
		again := people[:min(swaps, len(people))]
		spent, err := spentOn(ctx, s.PID(), func() error { return swap(ctx, crowd, s.BaseURL, room, again) })
		if err != nil {
			return err
		}
		b.f.Add(r.name("cpu_per_session_ms"), bench.Millis(float64(spent)/float64(len(again))))
		return nil
	})
}

// swap makes another session for each of some people who have joined.
func swap(ctx context.Context, crowd *audience.Audience, base, room string, people []bench.Token) error {
	var posting errgroup.Group
	posting.SetLimit(tierAtOnce)
	for _, who := range people {
		posting.Go(func() error {
			l, offer, err := crowd.Listen()
			if err != nil {
				return err
			}
			answer, err := bot.Known(base, who.Account, who.Token).PostOffer(ctx, room, offer)
			if err != nil {
				return err
			}
			return l.Connect(ctx, answer)
		})
	}
	return posting.Wait()
}

// joinTier joins one minimal client.
func joinTier(ctx context.Context, crowd *audience.Audience, base, room string, who bench.Token) (*audience.Listener, error) {
	l, offer, err := crowd.Listen()
	if err != nil {
		return nil, err
	}
	answer, err := bot.Known(base, who.Account, who.Token).JoinListening(ctx, room, offer)
	if err != nil {
		return nil, err
	}
	return l, l.Connect(ctx, answer)
}

// client measures the listening tier with full WebRTC clients.
func (b *suite) client(ctx context.Context, r row) error {
	return b.withTier(ctx, r, func(s *bench.Server, p *panel, room string, people []bench.Token) error {
		t := &tally{}
		crowd := &bots{}
		defer crowd.close()
		return b.measure(ctx, r, rig{
			pid: s.PID(), panel: p, tally: t, goroutines: func() float64 { return s.Metric("go_goroutines") },
			gather: func(ctx context.Context, from, to int) error {
				return crowd.gather(from, to, func(i int) (func(), error) {
					stay, err := bot.Known(s.BaseURL, people[i].Account, people[i].Token).Join(ctx, room, bot.Options{OnAudio: func(a bot.AudioPacket) { t.hear(i, a) }})
					if err != nil {
						return nil, err
					}
					return stay.HangUp, nil
				})
			},
		})
	})
}

// bots are listeners with a full WebRTC client each.
type bots struct {
	mu   sync.Mutex
	hang []func()
}

func (c *bots) gather(from, to int, join func(i int) (hang func(), err error)) error {
	var joining errgroup.Group
	joining.SetLimit(atOnce)
	for i := from; i < to; i++ {
		joining.Go(func() error {
			hang, err := join(i)
			if err != nil {
				return err
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.hang = append(c.hang, hang)
			return nil
		})
	}
	return joining.Wait()
}

func (c *bots) close() {
	var leaving sync.WaitGroup
	for _, hang := range c.hang {
		leaving.Go(hang)
	}
	leaving.Wait()
}

// peer measures a stock LiveKit server.
func (b *suite) peer(ctx context.Context, r row) error {
	ports, err := bench.FreePorts()
	if err != nil {
		return err
	}
	signal, _ := strconv.Atoi(ports.Signal)
	tcp, _ := strconv.Atoi(ports.TCP)
	c := ChildConfig{Port: signal, TCPPort: tcp, Key: "bench", Secret: id.Opaque() + id.Opaque()}
	child, err := startChild(b.binary, "livekit", c)
	if err != nil {
		return err
	}
	defer child.stop()
	base := "http://127.0.0.1:" + ports.Signal
	if err := child.answers(ctx, base); err != nil {
		return err
	}
	dial := func(ctx context.Context, who string, speaks bool, o bot.Options) (*bot.CallConn, error) {
		token, err := c.token("bench", who, speaks)
		if err != nil {
			return nil, err
		}
		return bot.Dialled(ctx, bot.JoinGrant{URL: base, Token: token}, o)
	}
	p := newPanel(r.speakers)
	defer p.close()
	for i := range r.speakers {
		line, err := dial(ctx, fmt.Sprintf("speaker-%d", i), true, bot.Options{Deaf: true})
		if err != nil {
			return err
		}
		p.hang = append(p.hang, line.HangUp)
		mic, err := line.Mic(ctx)
		if err != nil {
			return err
		}
		p.mics = append(p.mics, mic)
	}
	t := &tally{}
	crowd := &bots{}
	defer crowd.close()
	return b.measure(ctx, r, rig{
		pid: child.pid(), panel: p, tally: t, goroutines: math.NaN,
		gather: func(ctx context.Context, from, to int) error {
			return crowd.gather(from, to, func(i int) (func(), error) {
				line, err := dial(ctx, fmt.Sprintf("listener-%d", i), false, bot.Options{OnAudio: func(a bot.AudioPacket) { t.hear(i, a) }})
				if err != nil {
					return nil, err
				}
				return line.HangUp, nil
			})
		},
	})
}

// floor measures a loop of AES-GCM and sendmmsg.
func (b *suite) floor(ctx context.Context, r row) error {
	var arrived atomic.Int64
	crowd, err := audience.New(func(*audience.Listener, *audience.Packet) { arrived.Add(1) })
	if err != nil {
		return err
	}
	defer crowd.Close()
	ports, err := crowd.Ports(r.listeners)
	if err != nil {
		return err
	}
	size := frameSize
	if r.ms == 60 {
		size = 2 + 3*(frameSize-1)
	}
	child, err := startChild(b.binary, "floor", ChildConfig{Ports: ports, Listeners: r.listeners, Streams: r.speakers, Size: size, Milliseconds: r.ms})
	if err != nil {
		return err
	}
	defer child.stop()
	if err := bench.Wait(ctx, settling); err != nil {
		return err
	}
	before := arrived.Load()
	from, err := bench.BothCPU(child.pid())
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := bench.Wait(ctx, b.Window); err != nil {
		return err
	}
	to, err := bench.BothCPU(child.pid())
	if err != nil {
		return err
	}
	took := time.Since(begun)
	packets := float64(arrived.Load() - before)
	spent := float64((to.Server - from.Server).Microseconds())
	b.f.Add(r.name("cpu_us_per_packet"), spent/packets)
	b.f.Add(r.name("cpu_us_per_listener_second"), spent/took.Seconds()/float64(r.listeners))
	b.f.Add(r.name("packets_per_s"), packets/took.Seconds())
	b.f.Add(r.name("generator_cores"), (to.Own-from.Own).Seconds()/took.Seconds())
	return nil
}

// ChildConfig configures a helper process of Listen: "livekit", a stock server, or
// "floor", a loop that sends.
type ChildConfig struct {
	Port, TCPPort int
	Key, Secret   string

	Ports                    []uint16
	Listeners, Streams, Size int
	Milliseconds             int
}

// token lets somebody into the room of a stock server.
func (c ChildConfig) token(room, who string, speaks bool) (string, error) {
	grant := &auth.VideoGrant{Room: room, RoomJoin: true}
	grant.SetCanSubscribe(true)
	grant.SetCanPublishData(false)
	grant.SetCanPublish(speaks)
	grant.SetCanPublishSources([]livekit.TrackSource{livekit.TrackSource_MICROPHONE})
	return auth.NewAccessToken(c.Key, c.Secret).SetIdentity(who).SetVideoGrant(grant).SetValidFor(time.Hour).ToJWT()
}

// Floor sends packets until ctx ends.
func Floor(ctx context.Context, c ChildConfig) error {
	if c.Milliseconds <= 0 {
		return errors.New("bench: no length of packets")
	}
	_, err := audience.Flood(ctx, c.Ports, c.Listeners, c.Streams, c.Size, time.Duration(c.Milliseconds)*time.Millisecond)
	return err
}

// child is a helper process.
type child struct {
	cmd    *exec.Cmd
	exited chan error
	output *bench.Tail
}

func startChild(binary, name string, c ChildConfig) (*child, error) {
	told, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	p := &child{cmd: exec.Command(binary, "bench", name, "--child", string(told)), exited: make(chan error, 1), output: &bench.Tail{}}
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("bench: start %s: %w", binary, err)
	}
	go func() { p.exited <- p.cmd.Wait() }()
	return p, nil
}

func (p *child) pid() int { return p.cmd.Process.Pid }

// stop ends the process; an error of it has shown in its figures.
func (p *child) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(stopTime):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}

// answers waits until the process answers HTTP.
func (p *child) answers(ctx context.Context, base string) error {
	client := &http.Client{Timeout: time.Second}
	for begun := time.Now(); time.Since(begun) < readyTime; {
		resp, err := client.Get(base)
		if err == nil {
			return resp.Body.Close()
		}
		select {
		case err := <-p.exited:
			p.exited <- err
			return fmt.Errorf("bench: the helper process ended: %w\n%s", err, p.output)
		default:
		}
		if err := bench.Wait(ctx, frameTime); err != nil {
			return err
		}
	}
	return fmt.Errorf("bench: the helper process is not ready after %v\n%s", readyTime, p.output)
}

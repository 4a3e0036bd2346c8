package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is the result of one benchmark, with the machine it ran on.
type Report struct {
	Bench   string  `json:"bench"`
	How     string  `json:"how"` // what was timed and counted, in a sentence or two
	At      string  `json:"at"`  // RFC 3339
	Machine Machine `json:"machine"`
	Figures Figures `json:"figures"`
	Bars    []Bar   `json:"bars,omitempty"` // what was promised, and whether it holds

	Notes []string `json:"notes,omitempty"` // what could not be measured, and why
}

// Machine describes the machine of a report.
type Machine struct {
	Cores    int     `json:"cores"`
	Model    string  `json:"model"`
	MemoryMB int64   `json:"memory_mb"`
	OS       string  `json:"os"`
	Go       string  `json:"go"`
	Commit   string  `json:"commit"`  // with "+" if the source was changed after it
	Load     float64 `json:"load_1m"` // before the bench: figures of a busy machine are its neighbours' too
}

// Figures are named numbers in the order in which they were added. The name ends
// with the unit.
type Figures []Figure

// Figure is one named number.
type Figure struct {
	Name  string
	Value float64
}

// Add appends a figure, rounded to three digits.
func (f *Figures) Add(name string, value float64) {
	*f = append(*f, Figure{name, rounded(value)})
}

func rounded(value float64) float64 { return math.Round(value*1000) / 1000 }

// Get returns the figure of a name, or NaN.
func (f Figures) Get(name string) float64 {
	for _, one := range f {
		if one.Name == name {
			return one.Value
		}
	}
	return math.NaN()
}

// MarshalJSON writes one object.
func (f Figures) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		value := "null" // NaN: there was nothing to count
		if !math.IsNaN(one.Value) && !math.IsInf(one.Value, 0) {
			value = strconv.FormatFloat(one.Value, 'f', -1, 64)
		}
		fmt.Fprintf(&b, "%q:%s", one.Name, value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Bar is a figure that was promised.
type Bar struct {
	Bar      string  `json:"bar"`
	Measured float64 `json:"measured"`
	Holds    bool    `json:"holds"`
}

// AtMost adds a figure that must not be more than a bound.
func (r *Report) AtMost(name string, measured, most float64) {
	measured, most = rounded(measured), rounded(most)
	r.Bars = append(r.Bars, Bar{fmt.Sprintf("%s <= %v", name, most), measured, measured <= most})
}

// Names are the benchmarks of Run.
var Names = []string{"join", "room", "start", "call", "intro"}

// Options are the sizes of benchmarks; zero values mean the defaults.
type Options struct {
	Joins     int           // join: how many (50 or more)
	Listeners []int         // room: crowds, one after another
	Window    time.Duration // room, call: how long each crowd is measured
	Starts    int           // start: how many
	Intros    int           // intro: how many
	Calls     []int         // call: how many at once, one number after another
}

func (o Options) usual() Options {
	if o.Joins == 0 {
		o.Joins = 100
	}
	if len(o.Listeners) == 0 {
		o.Listeners = []int{50, 100, 200}
	}
	if o.Intros == 0 {
		o.Intros = 20
	}
	if len(o.Calls) == 0 {
		o.Calls = []int{20, 100}
	}
	if o.Window == 0 {
		o.Window = 8 * time.Second
	}
	if o.Starts == 0 {
		o.Starts = 10
	}
	return o
}

// limit is the timeout of one benchmark.
const (
	limit     = 90 * time.Second
	callLimit = 5 * time.Minute // people come one by one
)

// Run measures the program at binary. It takes at most 90 seconds, and for calls
// five minutes.
func Run(ctx context.Context, name, binary string, o Options) (Report, error) {
	most := limit
	if name == "call" {
		most = callLimit
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	r := Report{Bench: name, At: time.Now().UTC().Format(time.RFC3339), Machine: ThisMachine()}
	o = o.usual()
	var err error
	switch name {
	case "join":
		r.How, r.Figures, err = withServer(ctx, binary, residents(1+joiners), func(t Target) (string, Figures, error) { return Join(ctx, t, o) })
	case "room":
		for _, n := range o.Listeners {
			var some Figures
			r.How, some, err = withServer(ctx, binary, residents(n+1), func(t Target) (string, Figures, error) { return Room(ctx, t, n, o) })
			r.Figures = append(r.Figures, some...)
			if err != nil {
				break
			}
		}
	case "call":
		for _, n := range o.Calls {
			var some Figures
			members := func(ctx context.Context, s *Server) ([]Token, error) { return s.Members(ctx, 2*n) }
			r.How, some, err = withServer(ctx, binary, members, func(t Target) (string, Figures, error) { return Call(ctx, t, n, o) })
			r.Figures = append(r.Figures, some...)
			if err != nil {
				break
			}
		}
	case "intro":
		r.How, r.Figures, err = withServer(ctx, binary, residents(introducers), func(t Target) (string, Figures, error) { return Intro(ctx, t, o) })
	case "start":
		r.How, r.Figures, err = Warm(ctx, binary, o)
	default:
		return Report{}, fmt.Errorf("bench: there is no %q; there are %s", name, strings.Join(Names, ", "))
	}
	return r, err
}

// Target is a running server and people on it.
type Target struct {
	BaseURL string
	Tokens  []Token
	PID     int // its process, on this machine
}

// residents creates accounts.
func residents(n int) func(context.Context, *Server) ([]Token, error) {
	return func(ctx context.Context, s *Server) ([]Token, error) { return s.Tokens(ctx, n) }
}

func withServer(ctx context.Context, binary string, people func(context.Context, *Server) ([]Token, error), measure func(Target) (string, Figures, error)) (how string, f Figures, err error) {
	s, err := Start(ctx, binary, "")
	if err != nil {
		return "", nil, err
	}
	defer func() {
		if stopped := s.Stop(); err == nil {
			err = stopped
		}
	}()
	tokens, err := people(ctx, s)
	if err != nil {
		return "", nil, err
	}
	return measure(Target{BaseURL: s.BaseURL, Tokens: tokens, PID: s.PID()})
}

// JSON writes the report as one JSON object.
func (r Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Table writes the report as a table.
func (r Report) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s, %d cores of %s, load %.1f, %s, %s\n%s\n\n",
		r.Bench, r.Machine.Cores, r.Machine.Model, r.Machine.Load, r.Machine.Go, r.Machine.Commit, r.How)
	for _, f := range r.Figures {
		fmt.Fprintf(t, "%s\t%s\n", strings.ReplaceAll(f.Name, "_", " "), strconv.FormatFloat(f.Value, 'f', -1, 64))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(t, "\n%s\n", n)
	}
	if len(r.Bars) > 0 {
		fmt.Fprint(t, "\nbar\tmeasured\tholds\n")
	}
	for _, b := range r.Bars {
		holds := "yes"
		if !b.Holds {
			holds = "NO"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", b.Bar, strconv.FormatFloat(b.Measured, 'f', -1, 64), holds)
	}
	return t.Flush()
}

// ThisMachine describes the machine that the process runs on.
func ThisMachine() Machine {
	m := Machine{Cores: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Model: "unknown", Commit: "unknown"}
	if v, ok := procField("/proc/cpuinfo", "model name"); ok {
		m.Model = v
	}
	if v, ok := procField("/proc/meminfo", "MemTotal"); ok {
		m.MemoryMB = kilobytes(v) / 1024
	}
	if data, err := os.ReadFile("/proc/loadavg"); err == nil {
		one, _, _ := strings.Cut(string(data), " ")
		m.Load, _ = strconv.ParseFloat(one, 64)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				m.Commit = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				m.Commit += "+"
			}
		}
	}
	return m
}

// procField returns the value of a line "name : value" of a file in /proc.
func procField(file, name string) (string, bool) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}

func kilobytes(v string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSuffix(v, " kB"), 10, 64)
	return n
}

// tick is the unit of CPU times in /proc: USER_HZ, 100 on every Linux that Go
// runs on.
const tick = 10 * time.Millisecond

// CPU returns the CPU time of a process: all threads, user and system.
func CPU(pid int) (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("bench: read a process's CPU time: %w", err)
	}
	// The name, second, may hold spaces; it ends with the last parenthesis.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("bench: unreadable /proc/%d/stat", pid)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("bench: unreadable /proc/%d/stat", pid)
	}
	return time.Duration(user+system) * tick, nil
}

// MemoryMB returns the resident set of a process in MB.
func MemoryMB(pid int) (float64, error) {
	v, ok := procField(fmt.Sprintf("/proc/%d/status", pid), "VmRSS")
	if !ok {
		return 0, fmt.Errorf("bench: process %d does not tell its memory", pid)
	}
	return float64(kilobytes(v)) / 1024, nil
}

// Percentile returns the nearest-rank percentile, p in 0..100; NaN for no values.
func Percentile[T int64 | float64 | time.Duration](values []T, p float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	s := slices.Clone(values)
	slices.Sort(s)
	rank := int(math.Ceil(p / 100 * float64(len(s))))
	return float64(s[max(rank, 1)-1])
}

// Millis returns nanoseconds in milliseconds.
func Millis[T int64 | float64 | time.Duration](nanos T) float64 { return float64(nanos) / 1e6 }

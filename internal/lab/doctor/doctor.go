package doctor

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"heyy/internal/base/config"
	"heyy/web"
)

// Level is the severity of a finding.
type Level string

// Levels of findings. Only Bad keeps Heyy from working.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Bad  Level = "bad"
)

// Finding is the result of one check.
type Finding struct {
	Check string // what was looked at: "port 8080"
	Level Level
	Says  string // what is so, in one sentence
	Do    string // what to do about it; empty with OK
}

func ok(check, format string, args ...any) Finding {
	return Finding{Check: check, Level: OK, Says: fmt.Sprintf(format, args...)}
}

func warn(check, do, format string, args ...any) Finding {
	return Finding{Check: check, Level: Warn, Says: fmt.Sprintf(format, args...), Do: do}
}

func bad(check, do, format string, args ...any) Finding {
	return Finding{Check: check, Level: Bad, Says: fmt.Sprintf(format, args...), Do: do}
}

// Run runs all checks for configuration c, one after another, in about half a minute. With
// an invalid configuration it runs the checks that do not depend on it.
func Run(ctx context.Context, c config.Config) []Finding {
	if err := c.Check(); err != nil {
		key, rest, _ := strings.Cut(err.Error(), ": ")
		says, do, _ := strings.Cut(rest, "; ")
		all := []Finding{bad("setting "+key, sentence(do), "%s", sentence(says))}
		return append(all, clock(), client(web.Dist()))
	}
	all := []Finding{ok("settings", "They work together. People open %s.", c.URL())}
	all = append(all, data(c)...)
	all = append(all, database(ctx, c)...)
	all = append(all, files(c))
	all = append(all, ports(ctx, c)...)
	all = append(all, audio(c)...)
	all = append(all, clock())
	all = append(all, address(ctx, c)...)
	all = append(all, letters(ctx, c), pushContact(c), client(web.Dist()))
	return all
}

// Unhealthy reports whether a finding keeps Heyy from working.
func Unhealthy(all []Finding) bool {
	for _, f := range all {
		if f.Level == Bad {
			return true
		}
	}
	return false
}

// Write prints findings for a person.
func Write(w io.Writer, all []Finding) error {
	var b strings.Builder
	for _, f := range all {
		fmt.Fprintf(&b, "%-5s %-22s %s\n", f.Level, f.Check, f.Says)
		if f.Do != "" {
			fmt.Fprintf(&b, "%-28s -> %s\n", "", f.Do)
		}
	}
	b.WriteString("\n" + verdict(all) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func verdict(all []Finding) string {
	count := map[Level]int{}
	for _, f := range all {
		count[f.Level]++
	}
	switch {
	case count[Bad] == 1:
		return "One thing keeps Heyy from working."
	case count[Bad] > 1:
		return fmt.Sprintf("%d things keep Heyy from working.", count[Bad])
	case count[Warn] > 0:
		return "Heyy can work. Look at the warnings."
	}
	return "Heyy can work."
}

// sentence returns s with a capital letter and a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func client(dist fs.FS) Finding {
	const check = "client"
	if _, err := fs.Stat(dist, "index.html"); err != nil {
		return bad(check, "Run make build, which builds the client first.", "This program was built without the client, so browsers get nothing.")
	}
	return ok(check, "It's built in.")
}

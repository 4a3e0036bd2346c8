package arch

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"heyy/internal/base/config"
)

var (
	mdLink  = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	mdHead  = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*$`)
	mdCode  = regexp.MustCompile("`([^`\n]+)`")
	mdFence = regexp.MustCompile("(?ms)^```.*?^```")
	oursDir = regexp.MustCompile(`^(cmd|internal|web|e2e|docs|api|scripts|tools|\.ci)(/[\w.\-]+)*/?$`)
)

// linksLeadSomewhere: to files that are there, and to headings within them.
func linksLeadSomewhere(h *codeBase) (bad []string) {
	for _, f := range h.files {
		if !strings.HasSuffix(f.path, ".md") {
			continue
		}
		text := blankLines(f.text, mdFence)
		for _, m := range mdLink.FindAllStringSubmatchIndex(text, -1) {
			link := text[m[2]:m[3]]
			if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
				continue
			}
			where := fmt.Sprintf("%s:%d", f.path, f.line(m[2]))
			name, anchor, _ := strings.Cut(link, "#")
			target := f.path
			if name != "" {
				target = path.Join(f.dir(), name)
			}
			if !h.paths[target] && !h.dirs[target] {
				bad = append(bad, fmt.Sprintf("%s: the link %s leads nowhere", where, link))
				continue
			}
			if anchor != "" && !slices.Contains(anchors(h, target), anchor) {
				bad = append(bad, fmt.Sprintf("%s: %s has no heading #%s", where, target, anchor))
			}
		}
	}
	return bad
}

// blankLines is blank that keeps line ends.
func blankLines(s string, re *regexp.Regexp) string {
	return re.ReplaceAllStringFunc(s, func(m string) string {
		return strings.Map(func(r rune) rune {
			if r == '\n' {
				return r
			}
			return ' '
		}, m)
	})
}

// anchors are the headings of a document as links name them.
func anchors(h *codeBase, p string) (all []string) {
	for _, f := range h.files {
		if f.path != p {
			continue
		}
		for _, m := range mdHead.FindAllStringSubmatch(blankLines(f.text, mdFence), -1) {
			var b strings.Builder
			for _, r := range strings.ToLower(m[1]) {
				switch {
				case unicode.IsLetter(r) || unicode.IsNumber(r) || r == '-' || r == '_':
					b.WriteRune(r)
				case r == ' ':
					b.WriteByte('-')
				}
			}
			all = append(all, b.String())
		}
	}
	return all
}

const architecture = "docs/architecture.md"

// architectureIsTrue: what it names exists, and it names every package.
func architectureIsTrue(h *codeBase) (bad []string) {
	named := map[string]bool{}
	for _, f := range h.files {
		if f.path != architecture {
			continue
		}
		for _, m := range mdCode.FindAllStringSubmatchIndex(f.text, -1) {
			name := f.text[m[2]:m[3]]
			if !oursDir.MatchString(name) {
				continue
			}
			name = strings.TrimSuffix(name, "/")
			named[name] = true
			if !h.paths[name] && !h.dirs[name] {
				bad = append(bad, fmt.Sprintf("%s:%d: there is no %s", f.path, f.line(m[2]), name))
			}
		}
	}
	packages := map[string]bool{}
	h.goFiles(func(f *file) { packages[f.dir()] = true })
	for _, dir := range sortedKeys(packages) {
		if !named[dir] {
			bad = append(bad, fmt.Sprintf("%s: %s is not told of", architecture, dir))
		}
	}
	return bad
}

var mdOperation = regexp.MustCompile("(?m)^\\| `(GET|POST|PUT|PATCH|DELETE) (/[^`?]*)")

// protocolIsTrue: the table of docs/protocol.md has the operations of the
// generated contract, no more and no fewer.
func protocolIsTrue(h *codeBase) (bad []string) {
	const contract = "api/openapi.json"
	told := map[string]bool{}
	for _, f := range h.files {
		if f.path == "docs/protocol.md" {
			for _, m := range mdOperation.FindAllStringSubmatch(f.text, -1) {
				told[m[1]+" "+m[2]] = true
			}
		}
	}
	made, err := operations(h, contract)
	if err != nil {
		return []string{err.Error()}
	}
	for _, op := range sortedKeys(told) {
		if !made[op] {
			bad = append(bad, fmt.Sprintf("docs/protocol.md: %s is not in %s", op, contract))
		}
	}
	for _, op := range sortedKeys(made) {
		if !told[op] {
			bad = append(bad, fmt.Sprintf("docs/protocol.md: %s of %s is not told of", op, contract))
		}
	}
	return bad
}

func operations(h *codeBase, p string) (map[string]bool, error) {
	i := slices.IndexFunc(h.files, func(f *file) bool { return f.path == p })
	if i < 0 {
		return nil, fmt.Errorf("%s: it is not there; run make openapi", p)
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal([]byte(h.files[i].text), &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	all := map[string]bool{}
	for route, methods := range doc.Paths {
		for method := range methods {
			if m := strings.ToUpper(method); slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, m) {
				all[m+" "+route] = true
			}
		}
	}
	return all, nil
}

var adrName = regexp.MustCompile(`^docs/adr/(\d{4})-[a-z0-9-]+\.md$`)

func decisions(h *codeBase) (bad []string) {
	numbers := map[string]string{}
	for _, f := range h.files {
		if f.dir() != "docs/adr" {
			continue
		}
		m := adrName.FindStringSubmatch(f.path)
		if m == nil {
			bad = append(bad, fmt.Sprintf("%s: a decision is named like docs/adr/0001-sql.md", f.path))
			continue
		}
		if other, twice := numbers[m[1]]; twice {
			bad = append(bad, fmt.Sprintf("%s: the number %s is taken by %s", f.path, m[1], other))
		}
		numbers[m[1]] = f.path
		for _, part := range []string{"Context", "Decision", "Consequences"} {
			if !f.has("\n## " + part + "\n") {
				bad = append(bad, fmt.Sprintf("%s: it has no part \"## %s\"", f.path, part))
			}
		}
	}
	return bad
}

// settingsAreExplained: each setting has its line in docs/self-hosting.md.
func settingsAreExplained(h *codeBase) (bad []string) {
	const page = "docs/self-hosting.md"
	for _, f := range h.files {
		if f.path != page {
			continue
		}
		for _, key := range sortedKeys(config.Keys()) {
			if !f.has("`" + key + "`") {
				bad = append(bad, fmt.Sprintf("%s: the setting %s is not explained", page, key))
			}
		}
		return bad
	}
	return []string{page + ": it is not there"}
}

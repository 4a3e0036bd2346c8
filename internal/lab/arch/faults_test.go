package arch

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	isCode  = regexp.MustCompile(`^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$`)
	isField = regexp.MustCompile(`^(body|query)\.[a-z_.]+$`)
)

// unsaid are codes for which the client has no sentence of its own and shows a general one.
// Each has a reason.
var unsaid = map[string]string{
	// Our client does not send what is refused here; another program reads the code.
	"listen.offer_invalid": "browsers make the offer", "listen.not_found": "nobody waits for the answer to a goodbye",
	"account.unknown": "a session names an account", "block.self": "nobody is offered to block themselves", "call.self": "nobody is offered to call themselves",
	"follow.self":         "nobody is offered to follow themselves",
	"call.choice_unknown": "the client sends heart or pass", "choice.unknown": "the client sends like or pass", "heard.share": "the client sends 0 to 1",
	"clip.place": "the client knows the places", "match.call_privacy_unknown": "the client sends one of the list", "report.reason": "the client sends one of the list", "report.place": "the client sends one of the list",
	"room.category_unknown": "the client sends one of the list", "room.seat_unknown": "the client knows the seats", "room.chat_rules": "the client sends one of the list",
	"room.access_unknown": "the client sends one of the list", "room.capacity": "the client sends one of the list", "room.audience_needed": "it is not offered on a stage",
	"event.shape_unknown": "the client sends one of the list", "event.zone_unknown": "browsers know their zone", "event.calendar_gone": "calendar programs read it", "event.minutes": "the client sends one of the list",
	"event.self":          "hosts are not offered",
	"command.key_missing": "the client sends a key with each command", "command.key_reused": "the client makes a key for each command",
	"request.duplicate": "of hand-made JSON", "request.malformed": "of hand-made JSON", "request.too_deep": "of hand-made JSON", "request.media_type": "of hand-made requests",
	"request.method": "of hand-made requests", "request.form": "of hand-made requests", "request.not_acceptable": "of hand-made requests", "request.no_such_path": "the client knows the paths",
	"request.refused": "of hand-made requests", "request.origin": "a page of another site", "request.cancelled": "nobody waits for the answer any more",
	"realtime.channel": "told to sockets, where no person reads it", "audio.not_admitted": "told to the media gate; the client joins anew",
	"chat.limit_unknown": "the client sends one of the list", "chat.matched": "the server ends the match instead",
	"command.applied": "the client takes it for success",
	"live.too_old":    "the client reads the state instead",
	// Operators read these in the terminal.
	"happy.times": "of heyy admin", "verification.why": "of heyy admin", "region.cell": "of code that makes a region up",
	"report.unknown": "of heyy admin", "report.closed": "of heyy admin",
}

// codes are the fault codes in packages that serve clients, with a position each.
func codes(h *codeBase) map[string]string {
	found := map[string]string{}
	h.goFiles(func(f *file) {
		i := layer(f.dir())
		if f.isTest() || i < 0 || i > slices.Index(layers, "internal/edge") {
			return
		}
		if !within(f.dir(), httpAPI) && !f.has(`"heyy/internal/base/fault"`) {
			return
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.GenDecl: // kinds of facts are constants
				return n.Tok != token.CONST
			case *ast.FuncDecl:
				return n.Name.Name != "Kind"
			case *ast.Field: // tags
				return n.Tag == nil
			case *ast.BasicLit:
				if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && isCode.MatchString(s) && !isField.MatchString(s) {
					found[s] = h.at(n)
				}
			}
			return true
		})
	})
	return found
}

var tsCode = regexp.MustCompile("['\"`](?:problem\\.)?([a-z][a-z_]*(?:\\.[a-z_]+)*)['\"`]")

// clientCodes are the keys of problem.* in the client's catalogue.
func clientCodes(h *codeBase) map[string]bool {
	found := map[string]bool{}
	for _, f := range h.files {
		if !strings.HasPrefix(f.path, "web/src/") || strings.Contains(f.path, ".test.") || strings.HasSuffix(f.path, ".json") {
			continue
		}
		for _, m := range tsCode.FindAllStringSubmatch(f.text, -1) {
			found[strings.ReplaceAll(m[1], ".", "_")] = true
		}
	}
	return found
}

// faultsHaveWords: every error code of the server has a sentence in the client's catalogue
// (the client's tests compare the other languages with English).
func faultsHaveWords(h *codeBase) (bad []string) {
	var words struct {
		Problem map[string]string `json:"problem"`
	}
	if err := json.Unmarshal([]byte(h.textOf("web/src/i18n/en.json")), &words); err != nil {
		return []string{err.Error()}
	}
	all := codes(h)
	if len(all) < 80 {
		return []string{fmt.Sprintf("only %d codes were found: the rule looks in the wrong place", len(all))}
	}
	for code, where := range all {
		_, said := words.Problem[strings.ReplaceAll(code, ".", "_")]
		switch _, excused := unsaid[code]; {
		case !said && !excused && code != "index.html" && code != "heyy.db" && !strings.HasSuffix(code, ".com"):
			bad = append(bad, fmt.Sprintf("%s: the code %s has no text in the client: give it one in problem.* of web/src/i18n, or a reason in internal/lab/arch", where, code))
		case said && excused:
			bad = append(bad, fmt.Sprintf("%s: the code %s has a text and stands in the list of those without", where, code))
		}
	}
	own := clientCodes(h)
	for key := range words.Problem {
		if !own[key] && !slices.ContainsFunc(sortedKeys(all), func(code string) bool { return strings.ReplaceAll(code, ".", "_") == key }) {
			bad = append(bad, fmt.Sprintf("web/src/i18n/en.json: nothing is refused with problem.%s any more", key))
		}
	}
	for code := range unsaid {
		if all[code] == "" {
			bad = append(bad, fmt.Sprintf("internal/lab/arch: there is no code %s any more", code))
		}
	}
	return bad
}

// faultsBlameFieldsOfTheAPI: the field of an error is a field of a request.
func faultsBlameFieldsOfTheAPI(h *codeBase) (bad []string) {
	type schema struct {
		Ref        string             `json:"$ref"`
		Properties map[string]*schema `json:"properties"`
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string } `json:"parameters"`
			Body       struct {
				Content map[string]struct {
					Schema schema `json:"schema"`
				} `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
		Components struct {
			Schemas map[string]*schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal([]byte(h.textOf("api/openapi.json")), &doc); err != nil {
		return []string{err.Error()}
	}
	known := map[string]bool{}
	var walk func(at string, s *schema)
	walk = func(at string, s *schema) {
		if strings.Count(at, ".") > 4 {
			return
		}
		if s.Ref != "" {
			s = doc.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
		}
		for name, p := range s.Properties {
			known[at+"."+name] = true
			walk(at+"."+name, p)
		}
	}
	for _, operations := range doc.Paths {
		for _, o := range operations {
			for _, p := range o.Parameters {
				known[p.In+"."+p.Name] = true
			}
			for _, c := range o.Body.Content {
				walk("body", &c.Schema)
			}
		}
	}
	if !known["body.work.links"] || !known["query.category"] {
		return []string{fmt.Sprintf("the contract was misread: %d fields", len(known))}
	}
	looked := 0
	h.goFiles(func(f *file) {
		if f.isTest() || layer(f.dir()) > slices.Index(layers, "internal/edge") {
			return
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if n, ok := n.(*ast.Field); ok && n.Tag != nil {
				return false
			}
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			s, err := strconv.Unquote(lit.Value)
			if err != nil || !isField.MatchString(s) || strings.HasSuffix(s, ".") {
				return true // one that ends with a dot goes on with a name of a list
			}
			looked++
			if !known[s] && !slices.Contains(notSent, s) {
				bad = append(bad, fmt.Sprintf("%s: no operation takes the field %s", h.at(lit), s))
			}
			return true
		})
	})
	if looked < 20 {
		bad = append(bad, fmt.Sprintf("only %d fields were found: the rule looks in the wrong place", looked))
	}
	return bad
}

// notSent are fields of commands that only operators have, in the terminal.
var notSent = []string{"body.ends_at", "body.why"}

// textOf is the text of a file, or empty.
func (h *codeBase) textOf(path string) string {
	i := slices.IndexFunc(h.files, func(f *file) bool { return f.path == path })
	if i < 0 {
		return ""
	}
	return h.files[i].text
}

package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// File is the path of a settings file.
type File string

// here is the default file, read if it exists.
const here = "heyy.yaml"

// maxFile is the size limit in bytes, far above a file with every setting commented.
const maxFile = 1 << 20

// SettingsFile is the kong option that applies the settings file below environment and
// flags, for every command whose struct embeds Config:
//
//	type serve struct {
//		Config config.Config `embed:""`
//	}
func SettingsFile() kong.Option {
	return kong.WithBeforeResolve(func(ctx *kong.Context, at *kong.Path) error {
		if at.App == nil { // the hook also runs for nested commands; once is enough
			return nil
		}
		for _, p := range ctx.Path {
			for _, f := range p.Flags {
				name, ok := ctx.FlagValue(f).(File)
				if !ok {
					continue
				}
				values, err := Read(string(name))
				if err != nil {
					return err
				}
				ctx.AddResolver(layer(values))
				return nil
			}
		}
		return nil
	})
}

// layer is a kong resolver: the values of a file, by flag name. Kong would let a resolver
// win over the environment; Resolve reverses that.
type layer map[string]string

// Validate does nothing: Read has validated the file.
func (layer) Validate(*kong.Application) error { return nil }

// Resolve returns the file's value of a flag, unless the environment sets it.
func (l layer) Resolve(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
	for _, env := range f.Envs {
		if _, set := os.LookupEnv(env); set {
			return nil, nil
		}
	}
	if v, ok := l[f.Name]; ok {
		return v, nil
	}
	return nil, nil
}

// Read parses a settings file into values by flag name. The empty name is heyy.yaml in the
// current folder, which may be missing. Errors name the file, the line and the key, and
// never a value, which might be a secret.
func Read(name string) (map[string]string, error) {
	optional := name == ""
	if optional {
		name = here
	}
	text, err := os.ReadFile(name)
	switch {
	case optional && errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such file; check --config and HEYY_CONFIG", name)
	case err != nil:
		return nil, fmt.Errorf("%s: it cannot be read; check its owner and permissions (%w)", name, errors.Unwrap(err))
	case len(text) > maxFile:
		return nil, fmt.Errorf("%s: it is larger than 1 MiB, too large for a settings file; check --config and HEYY_CONFIG", name)
	}
	values, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	return values, nil
}

// parse walks the syntax tree instead of decoding, because a decoder's errors quote the
// lines around a mistake, and they may contain a password.
func parse(text []byte) (map[string]string, error) {
	tree, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil {
			return nil, at(syntax.GetToken().Position.Line, "this is not YAML; check indentation, colons and quotes")
		}
		return nil, at(1, "this is not YAML; check indentation, colons and quotes")
	}
	values := map[string]string{}
	seen := 0
	for _, doc := range tree.Docs {
		if doc.Body == nil {
			continue
		}
		if seen++; seen > 1 {
			return nil, at(line(doc.Body), "a second document begins here; keep everything in one")
		}
		if err := walk(doc.Body, "", Keys(), map[string]int{}, values); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func walk(n ast.Node, prefix string, keys map[string]reflect.Type, lines map[string]int, values map[string]string) error {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	case *ast.NullNode, *ast.CommentGroupNode, nil:
		return nil
	default:
		if prefix == "" {
			return at(line(n), "write each setting as a line like listen: localhost:8080")
		}
		return at(line(n), "%s holds settings of its own; write them below it, indented", strings.TrimSuffix(prefix, "."))
	}
	for _, p := range pairs {
		where := p.Key.GetToken().Position.Line
		key := prefix + p.Key.GetToken().Value
		if first, twice := lines[key]; twice {
			return at(where, "%s is set here a second time; the first is in line %d; keep one", key, first)
		}
		lines[key] = where
		if group(keys, key) {
			if err := walk(p.Value, key+".", keys, lines, values); err != nil {
				return err
			}
			continue
		}
		want, known := keys[key]
		if !known {
			return at(where, "%s is not a setting; %s", key, suggest(key, keys))
		}
		v, ok := scalar(p.Value, want)
		if !ok {
			return at(where, "%s must be %s", key, describe(want))
		}
		if v != nil {
			values[flagName(key)] = *v
		}
	}
	return nil
}

func at(line int, format string, args ...any) error {
	return fmt.Errorf("%d: %s", line, fmt.Sprintf(format, args...))
}

func line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

// scalar returns the value of a leaf in the form of a flag; nil for a key without a value,
// which keeps the default.
func scalar(n ast.Node, want reflect.Type) (v *string, ok bool) {
	var s string
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return nil, true
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = strings.TrimSpace(n.Value.Value)
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode:
		s = n.GetToken().Value
	default:
		return nil, false
	}
	var err error
	switch {
	case want == reflect.TypeFor[time.Duration]():
		_, err = time.ParseDuration(s)
	case want.Kind() == reflect.Int:
		_, err = strconv.Atoi(s)
	case want.Kind() == reflect.Bool:
		if s != "true" && s != "false" {
			return nil, false
		}
	}
	return &s, err == nil
}

func describe(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "a time, such as 10s or 2m"
	case t.Kind() == reflect.Int:
		return "a whole number"
	case t.Kind() == reflect.Bool:
		return "true or false"
	}
	return "one line of text"
}

// Keys returns all settings of the file, such as media.signal_port, with their types.
func Keys() map[string]reflect.Type {
	keys := map[string]reflect.Type{}
	fields(reflect.TypeFor[Config](), "", func(key string, _ []int, f reflect.StructField) { keys[key] = f.Type })
	return keys
}

// flagName returns the flag of a key: media-signal-port for media.signal_port.
func flagName(key string) string {
	return strings.NewReplacer(".", "-", "_", "-").Replace(key)
}

func group(keys map[string]reflect.Type, key string) bool {
	for k := range keys {
		if strings.HasPrefix(k, key+".") {
			return true
		}
	}
	return false
}

// fields calls visit for every setting below t, with its key and its index path.
func fields(t reflect.Type, prefix string, visit func(key string, index []int, f reflect.StructField)) {
	for _, f := range reflect.VisibleFields(t) {
		name := f.Tag.Get("yaml")
		switch {
		case name == "-" || name == "":
		case f.Type.Kind() == reflect.Struct:
			fields(f.Type, prefix+name+".", func(key string, index []int, inner reflect.StructField) {
				visit(key, append(append([]int{}, f.Index...), index...), inner)
			})
		default:
			visit(prefix+name, f.Index, f)
		}
	}
}

func setDefaults(c *Config) {
	v := reflect.ValueOf(c).Elem()
	fields(v.Type(), "", func(key string, index []int, f reflect.StructField) {
		text, ok := f.Tag.Lookup("default")
		if !ok {
			return
		}
		field := v.FieldByIndex(index)
		switch {
		case f.Type == reflect.TypeFor[time.Duration]():
			d, err := time.ParseDuration(text)
			if err != nil {
				panic("config: the default of " + key + " is no duration")
			}
			field.SetInt(int64(d))
		case f.Type.Kind() == reflect.Int:
			n, err := strconv.Atoi(text)
			if err != nil {
				panic("config: the default of " + key + " is no number")
			}
			field.SetInt(int64(n))
		default:
			field.SetString(text)
		}
	})
}

// suggest returns a hint for an unknown key: the closest known one.
func suggest(key string, keys map[string]reflect.Type) string {
	best, least := "", 4
	for k := range keys {
		if d := distance(key, k); d < least || d == least && k < best {
			best, least = k, d
		}
		// The right name in the wrong place, or in a flag's spelling.
		if flagName(key) == flagName(k) || strings.HasSuffix(k, "."+key) {
			best, least = k, 0
		}
	}
	if best == "" {
		return "heyy serve --help lists them"
	}
	return "did you mean " + best + "?"
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

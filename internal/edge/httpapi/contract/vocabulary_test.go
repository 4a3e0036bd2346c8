package contract

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"heyy/internal/edge/httpapi"
)

// Lists of keys have one source: the domain's. An enum tag that repeats one
// would have to be changed with it, and is forgotten.
func TestNoShapeRepeatsAListOfTheVocabulary(t *testing.T) {
	tags := 0
	for _, pattern := range []string{"../*.go", "../*/*.go", "../../apitypes/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				field, ok := n.(*ast.Field)
				if !ok || field.Tag == nil {
					return true
				}
				tag, err := strconv.Unquote(field.Tag.Value)
				if err != nil {
					t.Fatal(err)
				}
				enum := reflect.StructTag(tag).Get("enum")
				if enum == "" {
					return true
				}
				tags++
				all := strings.Split(enum, ",")
				for _, k := range vocabulary {
					if known := func(s string) bool { return slices.Contains(k.all, s) }; len(all) > 1 && !slices.ContainsFunc(all, func(s string) bool { return !known(s) }) {
						t.Errorf("%s: enum %q repeats %s; give the field that type", name, enum, k.name)
					}
				}
				return true
			})
		}
	}
	if tags < 10 {
		t.Errorf("only %d enum tags were found: the test looks in the wrong place", tags)
	}
}

func TestTheContractCarriesTheVocabularyAndTheLimits(t *testing.T) {
	raw, err := New(httpapi.Config{}, Services{}).OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Limits     map[string]int `json:"x-limits"`
		Components struct {
			Schemas map[string]struct {
				Enum       []string `json:"enum"`
				Properties map[string]struct {
					Ref string `json:"$ref"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for _, k := range vocabulary {
		if got := doc.Components.Schemas[k.name].Enum; !slices.Equal(got, k.all) {
			t.Errorf("%s is %q, want %q", k.name, got, k.all)
		}
	}
	for schema, field := range map[string]string{"Card": "category", "Room": "language", "Me": "gender", "QueueStatus": "call_privacy", "Plan": "category"} {
		if doc.Components.Schemas[schema].Properties[field].Ref == "" {
			t.Errorf("%s.%s does not name a list", schema, field)
		}
	}
	for name, n := range doc.Limits {
		if n <= 0 {
			t.Errorf("the limit %s is %d", name, n)
		}
	}
	if doc.Limits["callMinutes"] != 7 || doc.Limits["introMostSeconds"] != 30 {
		t.Errorf("limits: %v", doc.Limits)
	}
}

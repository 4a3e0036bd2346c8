package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxDepth is how deep JSON may nest.
const maxDepth = 16

// strictError is JSON that encoding/json would take and we do not.
type strictError struct{ code, field, says string }

func (e *strictError) Error() string { return e.says }

// unmarshal is json.Unmarshal for bodies from outside: no name twice in one
// object, no nesting over maxDepth, no broken text, nothing after the value.
func unmarshal(data []byte, v any) error {
	if err := strict(data); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

func strict(data []byte) error {
	if !utf8.Valid(data) {
		return &strictError{"request.malformed", "body", "This is not valid UTF-8."}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := value(d, "body", 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &strictError{"request.malformed", "body", "There is something after the JSON value."}
	}
	return nil
}

func value(d *json.Decoder, at string, depth int) error {
	t, err := d.Token()
	if err != nil {
		return &strictError{"request.malformed", at, "This is not valid JSON."}
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth++; depth > maxDepth {
		return &strictError{"request.too_deep", "body", fmt.Sprintf("This is nested deeper than %d levels.", maxDepth)}
	}
	seen := map[string]bool{}
	for i := 0; d.More(); i++ {
		inside := fmt.Sprintf("%s[%d]", at, i)
		if open == '{' {
			k, err := d.Token()
			name, ok := k.(string)
			if err != nil || !ok {
				return &strictError{"request.malformed", at, "This is not valid JSON."}
			}
			inside = at + "." + name
			if seen[name] {
				return &strictError{"request.duplicate", inside, "This field stands there twice."}
			}
			seen[name] = true
		}
		if err := value(d, inside, depth); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return &strictError{"request.malformed", at, "This is not valid JSON."}
	}
	return nil
}

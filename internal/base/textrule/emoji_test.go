package textrule_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"heyy/internal/base/textrule"
)

// TestEveryEmojiOfThePickerIsOne: a client offers no reaction that the server refuses.
func TestEveryEmojiOfThePickerIsOne(t *testing.T) {
	b, err := os.ReadFile("../../../web/src/features/chats/emoji.json")
	if err != nil {
		t.Fatal(err)
	}
	var picker struct {
		// Each: the emoji, its group, its version, and then its skin tones.
		Emoji [][]string `json:"emoji"`
	}
	if err := json.Unmarshal(b, &picker); err != nil {
		t.Fatal(err)
	}
	offered := 0
	for _, row := range picker.Emoji {
		for _, emoji := range append(row[:1:1], row[3:]...) {
			offered++
			if !textrule.IsEmoji(emoji) {
				t.Errorf("%s (%+q) is offered and refused", emoji, emoji)
			}
		}
	}
	if offered < 3000 {
		t.Errorf("only %d emoji are offered", offered)
	}
}

func TestWhatIsNoEmojiIsRefused(t *testing.T) {
	for _, s := range []string{"", "a", "1", "#", "👍👍", "👍 ", " 👍", "👍a", "🏻🏻", strings.Repeat("👍", 2), "👩\u200d", "🇮", "🇮🇹🇮", "\u200d", "\ufe0f", "\u2800", "😀\u200d" + strings.Repeat("🏻", 9)} {
		if textrule.IsEmoji(s) {
			t.Errorf("%+q passes", s)
		}
	}
}

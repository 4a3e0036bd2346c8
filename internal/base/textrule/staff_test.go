package textrule_test

import (
	"os"
	"strings"
	"testing"

	"heyy/internal/base/textrule"
)

func listOf(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

func TestNobodyIsTakenForStaff(t *testing.T) {
	names := listOf(t, "lookalikes.txt")
	if len(names) < 150 {
		t.Errorf("only %d names", len(names))
	}
	for _, name := range names {
		kept, err := textrule.Line("body.name", name, 40)
		if err == nil && !textrule.ClaimsStaff(kept) {
			t.Errorf("%q passes", name)
		}
	}
	for _, title := range listOf(t, "lookalike_titles.txt") {
		kept, err := textrule.Line("body.title", title, 80)
		if err == nil && !textrule.TitleClaimsStaff(kept) {
			t.Errorf("the title %q passes", title)
		}
	}
	for _, line := range listOf(t, "lookalike_work.txt") {
		kept, err := textrule.Line("body.work.role", line, 80)
		if err != nil || !textrule.WorkClaimsStaff(kept) {
			t.Errorf("the work %q passes, %v", line, err)
		}
	}
}

func TestRealNamesAreNotTakenForStaff(t *testing.T) {
	given, family := listOf(t, "given.txt"), listOf(t, "family.txt")
	var names []string
	for i, g := range given {
		names = append(names, g)
		for j := range 8 {
			names = append(names, g+" "+family[(i*8+j)%len(family)])
		}
	}
	if len(names) < 2000 {
		t.Errorf("only %d names", len(names))
	}
	for _, name := range append(names, "Badminton Fan", "Madmin", "Hey You", "X Æ A-12", "Mia 🎤", "Anna 🏴󠁧󠁢󠁳󠁣󠁴󠁿", "Zoë & Max", "Ms. Team0or", "Jean-Luc", "T. Eames", "A. D. Minh") {
		kept, err := textrule.Line("body.name", name, 60)
		if err != nil || textrule.ClaimsStaff(kept) {
			t.Errorf("%q is refused, %v", name, err)
		}
	}
	for _, title := range []string{
		"Support group for nurses", "Official trailers tonight", "Team building, badly", "Which team do you support?", "Moderate politics", "Staff picks: jazz",
		"Being an admin at a school", "Hey you", "Hey hey hey", "Ufficiale e gentiluomo", "La squadra del cuore", "公司官方消息怎么看", "Late talk", "A room of her own",
		"Команда мечты", "Football support", "Help, my desk!", "The room", "Live here", "Hey y'all", "Done ✅ and dusted", "Being verified: a story", "Modern jazz",
		"YouTube and ADHD",
	} {
		if textrule.TitleClaimsStaff(title) {
			t.Errorf("the title %q is refused", title)
		}
	}
	for _, line := range listOf(t, "real_work.txt") {
		if textrule.WorkClaimsStaff(line) {
			t.Errorf("the work %q is refused", line)
		}
	}
}

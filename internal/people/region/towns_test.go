package region

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func search(query, language string, most int) []Town {
	return list.Search(Search{Query: query, Language: language, Most: most})
}

func first(t testing.TB, query, language string) Town {
	t.Helper()
	found := search(query, language, 10)
	if len(found) == 0 {
		t.Fatalf("%q finds nothing", query)
	}
	return found[0]
}

func TestATownIsFoundByItsNameInAnyScript(t *testing.T) {
	for query, want := range map[string]string{
		"Milan": "3173435", "milano": "3173435", "Mailand": "3173435", "米兰": "3173435", "米蘭": "3173435", "Милан": "3173435", "ミラノ": "3173435",
		"zürich": "2657896", "ZURICH": "2657896", "zurigo": "2657896", "苏黎世": "2657896", "蘇黎世": "2657896", "צירי": "2657896",
		"Pechino": "1816670", "Beijing": "1816670", "北京": "1816670", "peking": "1816670",
		"上海": "1796236", "shang": "1796236", "서울": "1835848", "القاهرة": "360630", "αθήνα": "264371", "αθηνα": "264371",
		"sao paulo": "3448439", "São Paulo": "3448439", "malmo": "2692969", "łódź": "3093133", "lodz": "3093133",
		"münchen": "2867714", "monaco di bav": "2867714", "l'aquila": "3175121", "laquila": "3175121", "torino": "3165524",
	} {
		if got := first(t, query, "en"); got.ID != want {
			t.Errorf("%q finds %+v", query, got)
		}
	}
}

func TestAnyWordOfANameIsEnough(t *testing.T) {
	for query, want := range map[string]string{"york": "New York", "orleans": "New Orleans", "janeiro": "Rio de Janeiro", "angeles": "Los Angeles"} {
		if !slices.ContainsFunc(search(query, "en", 20), func(x Town) bool { return x.Name == want }) {
			t.Errorf("%q does not find %s: %+v", query, want, search(query, "en", 20))
		}
	}
}

func TestNamesComeInTheLanguageAskedFor(t *testing.T) {
	for _, x := range []struct{ query, language, name, area, country string }{
		{"milan", "it", "Milano", "Lombardy", "IT"},
		{"milan", "en", "Milan", "Lombardy", "IT"},
		{"milan", "zh", "米兰", "Lombardy", "IT"},
		{"new york city", "zh", "纽约", "New York", "US"},
		{"londra", "it", "Londra", "England", "GB"},
		{"上海市", "zh", "上海", "Shanghai", "CN"},
		{"colonia", "en", "Cologne", "North Rhine-Westphalia", "DE"},
		{"abbiategrasso", "zh", "Abbiategrasso", "Lombardy", "IT"}, // not known in Chinese
		{"milan", "tlh", "Milan", "Lombardy", "IT"},
	} {
		if got := first(t, x.query, x.language); got.Name != x.name || got.Area != x.area || got.Country != x.country {
			t.Errorf("%q in %s is %+v, want %s", x.query, x.language, got, x.name)
		}
	}
}

func TestTheExactNameComesFirstThenTheLarger(t *testing.T) {
	found := search("york", "en", 20)
	if found[0].Name != "York" || found[0].Country != "GB" {
		t.Errorf("%+v", found[0])
	}
	if found[1].Name != "New York" {
		t.Errorf("a city after a village: %+v", found)
	}
	if found := search("to", "en", 3); found[0].Name != "Tokyo" {
		t.Errorf("%+v", found)
	}
}

// What somebody types, what they speak, and what they mean.
func TestTheLikeliestTownComesFirst(t *testing.T) {
	for _, x := range []struct{ query, spoken, want string }{
		{"bolo", "it", "Bologna"}, {"bolo", "en", "Bologna"}, {"bolo", "zh", "Bologna"}, // four villages are called Bolo
		{"par", "en", "Paris"}, {"pari", "it", "Paris"}, {"rom", "it", "Rome"}, {"roma", "en", "Rome"}, {"rom", "en", "Rome"},
		{"mil", "it", "Milan"}, {"mil", "en", "Milwaukee"}, {"mila", "en", "Milan"}, {"fir", "it", "Florence"}, {"nap", "it", "Naples"},
		{"ven", "it", "Venice"}, {"tor", "it", "Turin"}, {"tor", "en", "Toronto"}, {"bari", "it", "Bari"}, {"bar", "es", "Barcelona"},
		{"lon", "en", "London"}, {"lon", "zh", "London"}, {"berl", "de", "Berlin"}, {"ham", "de", "Hamburg"}, {"wien", "de", "Vienna"},
		{"york", "en", "York"}, {"new y", "en", "New York"}, {"san f", "en", "San Francisco"}, {"vale", "es", "Valencia"}, {"lis", "pt", "Lisbon"},
		{"este", "it", "Este"}, {"lodi", "it", "Lodi"}, {"como", "it", "Como"}, {"nice", "fr", "Nice"}, {"北", "zh", "Beijing"}, {"上", "zh", "Shanghai"},
		{"bei", "zh", "Beijing"}, {"tok", "ja", "Tokyo"}, {"birm", "en", "Birmingham"}, {"bol", "it", "Bologna"}, {"geno", "it", "Genoa"},
	} {
		found := list.Search(Search{Query: x.query, Language: "en", Spoken: []string{x.spoken}, Most: 5})
		if len(found) == 0 || found[0].Name != x.want {
			t.Errorf("%q of somebody who speaks %s: want %s, got %+v", x.query, x.spoken, x.want, found)
		}
	}
	if lodi := list.Search(Search{Query: "lodi", Spoken: []string{"it"}, Most: 1}); lodi[0].Country != "IT" {
		t.Errorf("%+v", lodi) // the one in California is larger
	}
}

func TestNoTownComesTwice(t *testing.T) {
	for _, q := range []string{"a", "san", "s", "new york", "北", "м", "san j"} {
		seen := map[string]bool{}
		for _, x := range search(q, "en", 50) {
			if seen[x.ID] {
				t.Errorf("%q finds %s twice", q, x.Name)
			}
			seen[x.ID] = true
		}
	}
}

func TestNobodyFindsMoreThanFifty(t *testing.T) {
	for most, want := range map[int]int{-1: 0, 0: 0, 1: 1, 50: 50, 1 << 30: 50} {
		if got := len(search("s", "en", most)); got != want {
			t.Errorf("asked for %d: %d", most, got)
		}
	}
}

func TestAHostileQueryFindsNothingAndHarmsNothing(t *testing.T) {
	for _, q := range []string{
		"", " ", "\x00", "\xff\xfe", "%", "'; DROP TABLE accounts", "\u202e\u200b", strings.Repeat("a", 10_000), strings.Repeat("\u0301", 99), strings.Repeat("ﷺ", 66),
		"\n\t", "zzzzzz", strings.Repeat("a ", 100), "\U000e0041", "\ufffd",
	} {
		if got := search(q, "en", 10); len(got) != 0 {
			t.Errorf("%.20q finds %+v", q, got)
		}
	}
	if got := first(t, "\x00  mi\u0300lan\u200b ", "en"); got.Name != "Milan" {
		t.Errorf("%+v", got)
	}
}

func FuzzSearch(f *testing.F) {
	for _, q := range []string{"milan", "zürich", "北京", "\xff", "서울", "a", "\u0301", "l’aquila", "ﷺ", "new  york"} {
		f.Add(q, "it", 10)
	}
	f.Fuzz(func(t *testing.T, query, language string, most int) {
		found := search(query, language, most)
		if len(found) > max(0, min(most, 50)) {
			t.Errorf("%d found for %q", len(found), query)
		}
		for _, x := range found {
			if x.ID == "" || x.Name == "" || len(x.Country) != 2 || !utf8.ValidString(x.Name) {
				t.Errorf("%q finds %+v", query, x)
			}
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	for _, q := range []string{"s", "a", "san", "london", "北", "м"} {
		first(b, q, "en")
		b.Run(q, func(b *testing.B) {
			for b.Loop() {
				search(q, "en", 10)
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		new(Towns).Search(Search{Query: "milan", Most: 1})
	}
}

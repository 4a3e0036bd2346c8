package region

import "golang.org/x/text/language"

// spokenIn lists the main countries of languages that are spoken in several. For others,
// CLDR's likely region is used.
var spokenIn = map[string][]string{
	"ar":  {"EG", "SA", "DZ", "MA", "IQ", "SD", "SY", "TN", "JO", "AE", "LB", "LY", "YE", "KW", "OM", "QA", "BH", "PS"},
	"bn":  {"BD", "IN"},
	"ca":  {"ES", "AD"},
	"de":  {"DE", "AT", "CH", "LI", "LU"},
	"el":  {"GR", "CY"},
	"en":  {"US", "GB", "CA", "AU", "IE", "NZ", "ZA"},
	"es":  {"ES", "MX", "AR", "CO", "PE", "VE", "CL", "EC", "GT", "CU", "BO", "DO", "HN", "PY", "SV", "NI", "CR", "PA", "UY", "PR"},
	"fa":  {"IR", "AF"},
	"fr":  {"FR", "BE", "CH", "CA", "LU", "MC", "CI", "SN", "CM", "CD", "MG", "ML"},
	"hr":  {"HR", "BA"},
	"it":  {"IT", "CH", "SM"},
	"ko":  {"KR", "KP"},
	"ms":  {"MY", "BN", "SG"},
	"nl":  {"NL", "BE", "SR"},
	"pa":  {"IN", "PK"},
	"pt":  {"BR", "PT", "AO", "MZ", "CV"},
	"ro":  {"RO", "MD"},
	"ru":  {"RU", "BY", "KZ", "KG"},
	"sq":  {"AL", "XK"},
	"sr":  {"RS", "BA", "ME"},
	"sv":  {"SE", "FI"},
	"sw":  {"TZ", "KE", "UG", "CD"},
	"ta":  {"IN", "LK"},
	"tr":  {"TR", "CY"},
	"ur":  {"PK", "IN"},
	"yue": {"HK", "MO", "CN"},
	"zh":  {"CN", "TW", "HK", "MO", "SG"},
}

// countriesOf returns the countries (ISO 3166-1 alpha-2) in which one of the languages is
// spoken.
func countriesOf(languages []string) map[string]bool {
	all := map[string]bool{}
	for _, l := range languages {
		if several, ok := spokenIn[l]; ok {
			for _, c := range several {
				all[c] = true
			}
			continue
		}
		if tag, err := language.Parse(l); err == nil {
			region, _ := tag.Region()
			all[region.String()] = true
		}
	}
	return all
}

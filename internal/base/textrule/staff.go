package textrule

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"
)

// reserved are words by which people recognise staff, in the languages of most members.
// Words that are also common names are left out. They are compared as whole words, by
// skeleton.
var reserved = skeletons(
	"heyy", "admin", "admins", "administrator", "administrators", "sysadmin", "moderator", "moderators", "moderation", "staff", "support",
	"official", "officials", "team", "helpdesk", "customerservice", "customersupport", "system", "mod", "mods", "trustsafety", "trustandsafety", // en
	"amministratore", "amministratrice", "amministratori", "amministrazione", "moderatore", "moderatrice", "moderatori", "assistenza", "supporto", "ufficiale", "squadra", // it
	"administrador", "administradora", "moderador", "moderadora", "soporte", "oficial", "equipo", // es
	"suporte", "equipe", "equipa", // pt
	"administrateur", "administratrice", "moderateur", "moderatrice", "assistance", "officiel", "officielle", // fr
	"administratorin", "moderatorin", "offiziell", "kundendienst", "mitarbeiter", // de
	"beheerder", "ondersteuning", "officieel", // nl
	"moderatorka", "administratorka", "wsparcie", "oficjalny", "oficjalna", // pl
	"yonetici", "moderatorluk", "resmihesap", // tr
	"админ", "администратор", "модератор", "поддержка", "официальный", "официально", "команда", // ru
	"адмін", "адміністратор", "підтримка", "офіційний", // uk
	"διαχειριστης", "συντονιστης", "υποστηριξη", // el
	"مدير", "المشرف", "الدعم", "الإدارة", "رسمي", // ar
	"מנהל", "תמיכה", "רשמי", // he
	"व्यवस्थापक", "आधिकारिक", // hi
	// Only the badge beside a name may claim that somebody is verified.
	"verified", "verificato", "verificata", "verificado", "verificada", "vérifié", "vérifiée", "verifiziert", "geverifieerd",
	"zweryfikowany", "zweryfikowana", "doğrulanmış", "верифицирован", "верифицирована", "подтверждён", "проверено", "підтверджено", "верифіковано",
	"επαληθευμένος", "επαληθευμένη", "موثق", "מאומת", "सत्यापित",
)

// staffRanks is the subset that claims authority at the beginning of a title, as in "Admin
// Anna answers".
var staffRanks = skeletons(
	"admin", "admins", "administrator", "sysadmin", "moderator", "moderators", "mod", "mods", "amministratore", "amministratrice", "moderatore", "moderatrice",
	"administrador", "administradora", "moderador", "moderadora", "administrateur", "moderateur", "administratorin", "moderatorin", "beheerder", "moderatorka",
	"админ", "администратор", "модератор", "адмін", "адміністратор",
)

var ranksCJK = []string{"管理员", "管理員", "版主", "客服", "房管", "审核员", "審核員", "管理者", "モデレーター", "관리자", "운영자"}

// jobs is the subset that is an ordinary occupation, allowed as somebody's whole line of
// work.
var jobs = skeletons(
	"system", "sysadmin", "administrator", "helpdesk", "customerservice", "customersupport", "amministratore", "amministratrice", "amministrazione",
	"administrador", "administradora", "administrateur", "administratrice", "administratorin", "kundendienst", "mitarbeiter", "beheerder", "администратор", "адміністратор", "مدير", "מנהל",
)

// checkMarks are symbols that look like a verification badge.
const checkMarks = "✓✔✅☑🗸🗹√"

// reservedCJK are refused anywhere in a text: these scripts do not separate words.
var reservedCJK = []string{
	"管理员", "管理員", "版主", "客服", "官方", "工作人员", "工作人員", "团队", "團隊", "系统消息", "系統訊息", "房管", "审核员", "審核員",
	"運営", "公式", "管理者", "サポート", "スタッフ", "モデレーター",
	"관리자", "운영자", "운영팀", "고객센터", "공식",
	"认证", "認證", "已验证", "已驗證", "認証", "인증",
}

// fillerWords are words that make no claim of their own beside a reserved word in a room's
// title.
var fillerWords = skeletons("the", "of", "our", "your", "and", "room", "chat", "desk", "help", "live", "here", "stanza", "di", "il", "lo", "la", "account", "member", "members")

// fillerCJK removes reserved and filler words from a title in scripts that do not separate
// words.
var fillerCJK = func() *strings.Replacer {
	var pairs []string
	for _, w := range append(slices.Clone(reservedCJK), "房间", "房間", "聊天室", "频道", "的", "部屋", "ルーム", "방") {
		pairs = append(pairs, w, "")
	}
	return strings.NewReplacer(pairs...)
}()

func skeletons(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		for _, s := range skeletonsOf(w) {
			set[s] = true
		}
	}
	return set
}

// ClaimsStaff reports whether a name impersonates staff or claims to be verified: one of
// its words, or all of them joined, looks like a reserved word, or it names Heyy.
func ClaimsStaff(name string) bool {
	if NamesHeyy(name) || hasReservedCJK(name) || strings.ContainsAny(name, checkMarks) {
		return true
	}
	words := wordsOf(name)
	return slices.ContainsFunc(append(words, strings.Join(words, "")), isReserved)
}

// TitleClaimsStaff reports whether a room's title impersonates staff. A title may contain a
// reserved word among others ("Support group for nurses"). It is refused if it says nothing
// else ("Official Support Team"), also before a colon ("Support: tell us your code"), and
// if it begins with a rank.
func TitleClaimsStaff(title string) bool {
	if NamesHeyy(title) || onlyClaims(title, isClaim) {
		return true
	}
	if at := strings.IndexAny(title, ":：|"); at >= 0 && onlyClaims(title[:at], isClaim) {
		return true
	}
	for _, w := range wordsOf(title) {
		if isOf(w, staffRanks) || slices.ContainsFunc(ranksCJK, func(r string) bool { return strings.HasPrefix(norm.NFKC.String(w), r) }) {
			return true
		}
		if !isOf(w, fillerWords) {
			break
		}
	}
	return false
}

// WorkClaimsStaff reports whether a line of work impersonates staff. A role elsewhere is
// allowed ("Support engineer at Acme", "Moderator of a book club", "System administrator");
// a line of nothing but reserved words that is no occupation ("The Admin Team") is not.
func WorkClaimsStaff(line string) bool {
	return NamesHeyy(line) || strings.ContainsAny(line, checkMarks) || onlyClaims(line, isClaim) && !onlyClaims(line, isJob)
}

// onlyClaims reports whether a line consists of words of a set and fillers only.
func onlyClaims(line string, set func(word string) bool) bool {
	words := wordsOf(line)
	if set(strings.Join(words, "")) {
		return true
	}
	claims := false
	for _, w := range words {
		switch {
		case set(w):
			claims = true
		case !slices.ContainsFunc(skeletonsOf(w), func(s string) bool { return s == "" || fillerWords[s] }):
			return false
		}
	}
	return claims
}

// NamesHeyy reports whether a line names this app: a word starts with "heyy", or a
// letter-spaced or split spelling forms it.
func NamesHeyy(line string) bool {
	ours := func(w string) bool {
		return slices.ContainsFunc(append(skeletonsOf(w), skeletonsOf(strings.Trim(w, digits))...), func(s string) bool {
			if strings.HasPrefix(s, brand) || strings.HasPrefix(s, "i"+brand) || strings.HasPrefix(s, "x"+brand) { // iHeyy
				return true
			}
			// teamheyy: the prefix consists of reserved words.
			at := strings.Index(s, brand)
			return at > 0 && compound(s[:at], reserved, fillerWords)
		})
	}
	words := wordsOf(line)
	if slices.ContainsFunc(words, ours) {
		return true
	}
	// H e y y: single letters form one word.
	var spaced strings.Builder
	for _, w := range append(words, "--") {
		if len([]rune(w)) == 1 {
			spaced.WriteString(w)
			continue
		}
		if spaced.Len() > 0 && ours(spaced.String()) {
			return true
		}
		spaced.Reset()
	}
	// He yy: the pieces must form it exactly. "Hey you" and "Hey y'all" are
	// greetings.
	for i := range words {
		joined := ""
		for _, w := range words[i:] {
			s := skeletonsOf(w)[0]
			if joined+s == brand && joined != "" && joined != brand[:3] {
				return true
			}
			if joined += s; !strings.HasPrefix(brand, joined) {
				break
			}
		}
	}
	return false
}

var brand = skeletonsOf("heyy")[0]

const digits = "0123456789"

func isReserved(word string) bool { return isOf(word, reserved) }
func isClaim(word string) bool {
	return isReserved(word) || hasReservedCJK(word) && fillerCJK.Replace(word) == ""
}
func isJob(word string) bool { return isOf(word, jobs) }

// isOf reports whether a word looks like one of set, or like a compound of several
// (supportteam).
func isOf(word string, set map[string]bool) bool {
	for _, w := range slices.Compact([]string{word, strings.Trim(word, digits), strings.TrimLeft(word, "@#!$*")}) { // admin1, @admin
		if slices.ContainsFunc(skeletonsOf(w), func(s string) bool {
			return s != "" && (set[s] || compound(s, set, fillerWords) && !fillerWords[s] && !compound(s, fillerWords))
		}) {
			return true
		}
	}
	return false
}

// maxWordBytes is the longest word of a compound, in bytes. It bounds the work of compound.
const maxWordBytes = 32

// compound reports whether a skeleton is a concatenation of words of the sets.
func compound(s string, sets ...map[string]bool) bool {
	upTo := make([]bool, len(s)+1)
	upTo[0] = true
	for end := 1; end <= len(s); end++ {
		for from := max(0, end-maxWordBytes); from < end; from++ {
			if upTo[from] && slices.ContainsFunc(sets, func(set map[string]bool) bool { return set[s[from:end]] }) {
				upTo[end] = true
				break
			}
		}
	}
	return upTo[len(s)] && s != ""
}

func hasReservedCJK(name string) bool {
	// 上官 is a family name; without this, 上官方 would contain 官方.
	plain := strings.ReplaceAll(norm.NFKC.String(name), "上官", "上")
	plain = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, plain)
	return slices.ContainsFunc(reservedCJK, func(k string) bool { return strings.Contains(plain, k) })
}

// wordsOf splits a line into words; CamelCase is split, unless it is one reserved word
// (AdMiN).
func wordsOf(line string) (words []string) {
	for _, w := range strings.FieldsFunc(line, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("-_.·•,:;/\\+&()[]{}~'’\"|*=<>‐‑–—：、，", r) && r != '|'
	}) {
		if parts := camel(w); len(parts) > 1 && !isReserved(w) {
			words = append(words, parts...)
		} else {
			words = append(words, w)
		}
	}
	return words
}

// camel splits a word before a capital that follows a small letter, and before the last of
// several capitals that a small letter follows.
func camel(word string) (parts []string) {
	rs := []rune(norm.NFKC.String(word))
	from := 0
	for i := 1; i < len(rs); i++ {
		before, follows := rs[i-1], i+1 < len(rs) && unicode.IsLower(rs[i+1])
		if unicode.IsUpper(rs[i]) && (unicode.IsLower(before) || unicode.IsUpper(before) && follows) {
			parts, from = append(parts, string(rs[from:i])), i
		}
	}
	return append(parts, string(rs[from:]))
}

// skeletonsOf returns a word as it looks at a glance, in up to three forms: by Unicode's
// confusables (UTS 39) as written; in lower case, because capitals of other scripts
// resemble other letters than small ones; and letters only. Marks, digits that resemble no
// letter, and symbols are left out.
func skeletonsOf(word string) []string {
	var plain strings.Builder
	for _, r := range norm.NFKD.String(enclosed(word)) {
		if !unicode.Is(unicode.M, r) && !unicode.Is(unicode.Cf, r) {
			plain.WriteRune(r)
		}
	}
	letters := strings.Map(func(r rune) rune { // Hey×y
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, plain.String())
	all := []string{skeleton(plain.String()), skeleton(strings.ToLower(plain.String())), skeleton(letters)}
	return slices.Compact(all)
}

func skeleton(s string) string {
	var b strings.Builder
	for _, r := range s {
		one := string(r)
		if r > unicode.MaxASCII {
			if known, ok := lookalikes[r]; ok {
				one = known
			} else {
				one = confusables.Skeleton(one)
			}
		}
		for _, r := range one {
			if known, ok := lookalikes[r]; ok {
				b.WriteString(known)
			} else if unicode.IsLetter(r) {
				b.WriteRune(unicode.ToLower(r))
			}
		}
	}
	return latinLookalikes.Replace(b.String())
}

// lookalikes are characters that UTS 39 keeps apart and people do not: small capitals,
// digits and symbols used as letters, Greek and Cyrillic letters that only resemble Latin
// ones.
var lookalikes = func() map[rune]string {
	m := map[rune]string{
		'0': "o", '1': "i", '3': "e", '4': "a", '5': "s", '7': "t", '@': "a", '$': "s", '!': "i", '|': "i", '€': "e", '£': "l",
		'ʍ': "m", 'ꞓ': "e", 'ꮖ': "i", 'ƨ': "s", 'ⲏ': "h", 'ⲩ': "y", 'ⲉ': "e", 'ⲁ': "a", 'ⲟ': "o", 'ⲣ': "p", 'ⲧ': "t", 'ⲙ': "m", 'ⲛ': "n", 'ⲓ': "i",
	}
	for from, to := range map[string]string{
		"ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ":    "abcdefghijklmnopqrstuvwyz",
		"аеорсухіѕԁһтмнвкѵӏпдєзґи":     "aeopcyxisdhtmhbkvindezrn",
		"αεορυνιτγκσςωμβλη":            "aeopyvitykoswmbln",
		"ıɑɡⅿ":                         "iagm",
		"ⱯɐΛɅΔ∀∆ʌ":                     "aaaaaaaa", // turned
		"ʎ⅄ƎǝəƏ∃ℲɟʄɓɔƆɥɯƜɹᴚʇꞱ⊥ʞꞰʃ¡ᴉꞁ∩": "yyeeeeefffbcchmmrrtttkksiiiu",
		"𐌀𐌁𐌂𐌃𐌄𐌅𐌇𐌉𐌊𐌋𐌌𐌍𐌏𐌐𐌓𐌔𐌕𐌖𐌙":          "abcdefhikimnopdstuy", // Old Italic
		"ᏁꮑᎾꮎᎤꮔᎢꭲ":                     "nnoouuii",            // Cherokee
	} {
		for i, r := range []rune(from) {
			m[r] = to[i : i+1]
		}
	}
	return m
}()

// latinLookalikes folds what is confused within Latin. Reserved words go through it, too.
var latinLookalikes = strings.NewReplacer("rn", "m", "vv", "w", "l", "i", "v", "u", "y", "u")

// enclosed maps letters in boxes and flags to plain ones; NFKD maps circled and bracketed
// ones.
func enclosed(s string) string {
	return strings.Map(func(r rune) rune {
		for _, from := range []rune{'🅐', '🅰', '🄰', '🇦'} {
			if r >= from && r < from+26 {
				return 'a' + r - from
			}
		}
		return r
	}, s)
}

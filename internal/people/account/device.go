package account

import (
	"strings"

	"heyy/internal/base/textrule"
)

const unknownDevice = "Unknown device"

// The first match wins, so a browser precedes those whose name it contains: nearly all
// contain "Chrome" and "Safari".
var browsers = []struct{ mark, name string }{
	{"MicroMessenger/", "WeChat"},
	{"MiuiBrowser/", "Mi Browser"},
	{"HuaweiBrowser/", "Huawei Browser"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"UCBrowser/", "UC Browser"},
	{"QQBrowser/", "QQ Browser"},
	{"YaBrowser/", "Yandex Browser"},
	{"EdgiOS/", "Edge"}, {"EdgA/", "Edge"}, {"Edg/", "Edge"},
	{"OPR/", "Opera"}, {"OPT/", "Opera"},
	{"Vivaldi/", "Vivaldi"},
	{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"},
	{"CriOS/", "Chrome"}, {"HeadlessChrome/", "Chrome"}, {"Chrome/", "Chrome"},
	{"Safari/", "Safari"},
}

var systems = []struct{ mark, name string }{
	{"HarmonyOS", "HarmonyOS"},
	{"Android", "Android"},
	{"iPhone", "iPhone"}, {"iPad", "iPad"},
	{"Windows", "Windows"},
	{"CrOS", "ChromeOS"},
	{"Mac OS X", "Mac"},
	{"Linux", "Linux"},
}

// Device returns a short name for a User-Agent, such as "Chrome on Android". The client
// chooses its User-Agent, so the name proves nothing.
func Device(userAgent string) string {
	browser, system := "", ""
	for _, b := range browsers {
		if strings.Contains(userAgent, b.mark) {
			browser = b.name
			break
		}
	}
	for _, o := range systems {
		if strings.Contains(userAgent, o.mark) {
			system = o.name
			break
		}
	}
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser != "":
		return browser
	}
	// Another program: its first word, without the version.
	program, _, _ := strings.Cut(userAgent, " ")
	program, _, _ = strings.Cut(program, "/")
	program, err := textrule.Line("device", program, 40)
	switch {
	case err == nil && system != "" && program != "Mozilla":
		return program + " on " + system
	case err == nil && program != "Mozilla":
		return program
	case system != "":
		return system
	}
	return unknownDevice
}

package listen

import (
	"errors"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"
)

// readOffer returns an offer of testdata, with line ends as SDP wants them.
func readOffer(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\n", "\r\n")
}

func parts() answerParts {
	return answerParts{
		session: 1, ufrag: "ours", pwd: "0123456789012345678901", fingerprint: "sha-256 AA",
		candidates: []candidate{{at: netip.MustParseAddrPort("192.0.2.1:7884")}, {at: netip.MustParseAddrPort("[2001:db8::1]:7884")}, {at: netip.MustParseAddrPort("192.0.2.1:7884"), tcp: true}},
		ssrcs:      []uint32{11, 12, 13, 14, 15, 16},
	}
}

// lines returns the lines of each section of SDP; the first is that of the session.
func sections(text string) (all [][]string) {
	all = [][]string{nil}
	for l := range strings.SplitSeq(strings.TrimSpace(text), "\r\n") {
		if strings.HasPrefix(l, "m=") {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], l)
	}
	return all
}

func TestAnOfferOfABrowserOrPlayerIsAnswered(t *testing.T) {
	for _, c := range []struct {
		file, format string
		mids         []string
	}{
		{"chromium.sdp", "111", []string{"0", "1", "2"}},
		{"firefox.sdp", "109", []string{"0", "1"}},
		{"gstreamer.sdp", "111", []string{"audio0", "audio1", "audio2"}}, // "OPUS", a payload type for RTX, no candidates
		{"aiortc.sdp", "96", []string{"0", "1", "2"}},                    // formats without feedback, a port for each section
	} {
		o, err := parseOffer(readOffer(t, c.file), 2)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		text, err := o.answer(parts())
		if err != nil {
			t.Fatal(err)
		}
		var parsed sdp.SessionDescription
		if err := parsed.UnmarshalString(text); err != nil {
			t.Errorf("%s: the answer is no SDP: %v\n%s", c.file, err, text)
		}
		all := sections(text)
		for i, want := range [][]string{
			{"a=ice-lite", "a=group:BUNDLE " + strings.Join(c.mids, " ")},
			{
				"m=audio 7884 UDP/TLS/RTP/SAVPF " + c.format, "c=IN IP4 192.0.2.1", "a=mid:" + c.mids[0], "a=sendonly", "a=rtcp-mux", "a=setup:passive", "a=ice-ufrag:ours", "a=ice-pwd:0123456789012345678901",
				"a=fingerprint:sha-256 AA", "a=rtpmap:" + c.format + " opus/48000/2", "a=ssrc:11 cname:heyy", "a=ssrc:11 msid:room slot0",
				"a=candidate:1 1 udp 2130706431 192.0.2.1 7884 typ host",
				"a=candidate:2 1 udp 2130706175 2001:db8::1 7884 typ host",
				"a=candidate:3 1 tcp 1526726143 192.0.2.1 7884 typ host tcptype passive",
			},
			{"m=audio 9 UDP/TLS/RTP/SAVPF " + c.format, "a=mid:" + c.mids[1], "a=sendonly", "a=ssrc:12 cname:heyy"},
		} {
			for _, l := range want {
				if !slices.Contains(all[i], l) {
					t.Errorf("%s: section %d has no %q:\n%s", c.file, i, l, strings.Join(all[i], "\n"))
				}
			}
		}
		if len(all) > 3 && (!slices.Contains(all[3], "a=inactive") || strings.Contains(strings.Join(all[3], "\n"), "ssrc")) {
			t.Errorf("%s: the third section has no slot, but says\n%s", c.file, strings.Join(all[3], "\n"))
		}
	}
}

func TestNACKIsAnsweredIfOffered(t *testing.T) {
	with := strings.Replace(readOffer(t, "chromium.sdp"), "a=rtcp-fb:111 transport-cc", "a=rtcp-fb:111 nack", 1)
	o, err := parseOffer(with, 6)
	if err != nil {
		t.Fatal(err)
	}
	text, err := o.answer(parts())
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text, "a=rtcp-fb:111 nack\r\n"); n != 1 {
		t.Errorf("nack in %d sections, not in the one that offers it:\n%s", n, text)
	}
}

func TestOtherMediaAreRefusedAndTheRestAnswered(t *testing.T) {
	offer := readOffer(t, "chromium.sdp")
	video := "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:v\r\na=rtcp-mux\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n"
	at := strings.Index(offer, "m=audio")
	o, err := parseOffer(strings.Replace(offer[:at]+video+offer[at:], "BUNDLE 0", "BUNDLE v 0", 1), 6)
	if err != nil {
		t.Fatal(err)
	}
	text, err := o.answer(parts())
	if err != nil {
		t.Fatal(err)
	}
	all := sections(text)
	if all[1][0] != "m=video 0 UDP/TLS/RTP/SAVPF 96" || !slices.Contains(all[0], "a=group:BUNDLE 0 1 2") || !slices.Contains(all[2], "a=sendonly") {
		t.Errorf("the answer is\n%s", text)
	}
}

func TestAnOfferThatCannotBeAnsweredIsRefused(t *testing.T) {
	good := readOffer(t, "chromium.sdp")
	edit := func(old, new string) string {
		out := strings.ReplaceAll(good, old, new)
		if out == good {
			t.Fatalf("the offer has no %q", old)
		}
		return out
	}
	for name, text := range map[string]string{
		"nothing":                "",
		"no SDP":                 "hello",
		"too long":               good + strings.Repeat("a=x:y\r\n", maxOffer/7),
		"no media":               good[:strings.Index(good, "m=audio")],
		"too many media":         "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" + strings.Repeat("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", maxMedia+1),
		"too many formats":       edit("UDP/TLS/RTP/SAVPF 111", "UDP/TLS/RTP/SAVPF 111"+strings.Repeat(" 9", maxFormats)),
		"only video":             edit("m=audio", "m=video"),
		"not encrypted":          edit("UDP/TLS/RTP/SAVPF", "RTP/AVPF"),
		"no Opus":                edit("opus/48000/2", "opus/16000/1"),
		"only sends":             edit("a=recvonly", "a=sendonly"),
		"no rtcp-mux":            edit("a=rtcp-mux", "a=rtcp-x"),
		"no user name":           edit("a=ice-ufrag", "a=ice-x"),
		"a short user name":      edit("a=ice-ufrag:EhxG", "a=ice-ufrag:abc"),
		"a long user name":       edit("a=ice-ufrag:EhxG", "a=ice-ufrag:"+strings.Repeat("a", 257)),
		"no password":            edit("a=ice-pwd", "a=ice-x"),
		"a colon in a user name": edit("a=ice-ufrag:EhxG", "a=ice-ufrag:Eh:xG"),
		"a space in a user name": edit("a=ice-ufrag:EhxG", "a=ice-ufrag:Eh xG"),
		"a letter that is none":  edit("a=ice-ufrag:EhxG", "a=ice-ufrag:Ehx\u00e9"),
		"a dash in a password":   edit("a=ice-pwd:", "a=ice-pwd:-"),
		"a long password":        edit("a=ice-pwd:", "a=ice-pwd:"+strings.Repeat("a", 250)),
		"passive":                edit("a=setup:actpass", "a=setup:passive"),
		"no fingerprint":         edit("a=fingerprint", "a=x"),
		"an SHA-1":               edit("sha-256 ", "sha-1 "),
		"a short fingerprint":    edit(":D5\r\n", "\r\n"),
		"two with one mid":       edit("a=mid:1", "a=mid:0"),
		"a payload type of RTCP": strings.NewReplacer("SAVPF 111", "SAVPF 72", "rtpmap:111", "rtpmap:72").Replace(good),
	} {
		if _, err := parseOffer(text, 6); !errors.Is(err, ErrOffer) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := parseOffer(good, 6); err != nil {
		t.Error(err)
	}
}

// The fuzzer looks for offers that end the process, or whose answer is no SDP.
func FuzzOffer(f *testing.F) {
	f.Add(readOffer(f, "chromium.sdp"))
	f.Add(readOffer(f, "firefox.sdp"))
	f.Add(readOffer(f, "gstreamer.sdp"))
	f.Add(readOffer(f, "aiortc.sdp"))
	f.Add("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := parseOffer(text, 6)
		if err != nil {
			if !errors.Is(err, ErrOffer) {
				t.Fatal(err)
			}
			return
		}
		answer, err := o.answer(parts())
		if err != nil {
			t.Fatal(err)
		}
		var back sdp.SessionDescription
		if err := back.UnmarshalString(answer); err != nil {
			t.Fatalf("%v\n%s", err, answer)
		}
		if len(back.MediaDescriptions) != len(o.media) {
			t.Fatalf("%d sections for %d", len(back.MediaDescriptions), len(o.media))
		}
	})
}

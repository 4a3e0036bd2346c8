package audio

import "time"

// Concat writes recordings one after another into one Ogg/Opus file that plays at most atMost. Its
// gain is that of the first.
func Concat(atMost time.Duration, parts ...Recording) []byte {
	var all Recording
	if len(parts) > 0 {
		all.preSkip, all.gain = parts[0].preSkip, parts[0].gain
	}
	limit, coded := int64(atMost*Rate/time.Second), -int64(all.preSkip)
	for _, part := range parts {
		for _, p := range part.Packets {
			if coded >= limit {
				break
			}
			all.Packets = append(all.Packets, p)
			coded += int64(packetSamples(p))
		}
	}
	all.samples = min(limit, max(0, coded))
	return all.build()
}

package resident

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"heyy/internal/media/audio"
)

// line is a decoded saying.
type line struct {
	kind   Kind
	voice  audio.Recording
	length time.Duration
}

// script is the sayings of one resident, by kind.
type script map[Kind][]*line

// script decodes the sayings of a resident.
func (r Resident) script() (script, error) {
	all := script{}
	for _, s := range r.Calls {
		data, err := s.Bytes()
		if err != nil {
			return nil, err
		}
		rec, err := audio.Parse(data)
		if err != nil {
			return nil, err
		}
		all[s.Kind] = append(all[s.Kind], &line{s.Kind, rec, s.Duration()})
	}
	return all, nil
}

// moment is the input of a decision: the state of the call, and when there was sound. It
// contains nothing of what was said.
type moment struct {
	now   time.Time
	left  time.Duration // to the clock's end
	muted bool          // the other's microphone is off
	away  bool          // the other's connection is gone
	given int           // how often both asked for more time
	asked bool          // one of the two has, and is not answered yet
	spoke time.Duration // how much the other said since this one began to speak last
	quiet time.Duration // for so long neither has said a word
}

// dialogue decides what a resident says next in one call, and when. It lasts as long as the
// call, over reconnects.
type dialogue struct {
	lines script
	rand  *rand.Rand
	said  map[*line]time.Time // when last

	before   Kind          // what was said last
	answers  time.Duration // silence after which the other's word is answered
	patience time.Duration // silence after which more is said unasked
	reacts   bool          // whether the next answer is about what the other said
	asks     bool          // whether the next word of one's own is a question

	met        bool          // has said hello
	honest     bool          // has said what they are
	noticed    bool          // has said that the other is muted
	lost       bool          // has lost the other, and not said so yet
	back       time.Time     // when they were last known to be away
	last, over bool          // has said that the last minute has begun; has said goodbye
	given      int           // how often both asked for more time
	glad       bool          // they just did
	wishes     bool          // will ask first, if the other has something to say
	listened   time.Duration // how much the other said
	unanswered int           // lines since they last did
	cut        *line         // what the other's word left of the last line
	tries      int           // to say what they are
}

const (
	breath     = 800 * time.Millisecond // before the first word
	aWord      = 300 * time.Millisecond // of voice; less is no answer
	aThought   = 1200 * time.Millisecond
	toAnswer   = 2 * time.Second // is left to the other
	fresh      = 3 * time.Minute // before anything is said again
	stale      = 90 * time.Second
	longest    = 14 * time.Second // wait for a word
	longQuiet  = 20 * time.Second // when even something stale is better
	lastMinute = time.Minute
	tooLate    = 25 * time.Second // to speak of the last minute
	byeTime    = 12 * time.Second // in which a goodbye, and one back, fit in somewhere
	byeRest    = 700 * time.Millisecond
	wishFrom   = 110 * time.Second // left on the clock
	wishUntil  = 70 * time.Second
	worthMore  = 15 * time.Second // of the other's words
	slower     = 4 * time.Second  // an answer, of who has nothing new to say
	mostTries  = 3
	pauseLevel = 0.006                  // RMS of full scale
	aPause     = 140 * time.Millisecond // between two sentences
)

// newDialogue returns the dialogue of a call. Its random choices are seeded with the
// call's id.
func newDialogue(lines script, call string) *dialogue {
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(call)) // never fails
	m := &dialogue{lines: script{}, rand: rand.New(rand.NewPCG(seed.Sum64(), 0)), said: map[*line]time.Time{}}
	for kind := range lines {
		m.lines[kind] = slices.Clone(lines[kind])
	}
	for _, kind := range []Kind{Ask, Story, React, Quiet, Bye} { // the others have an order, or are one
		of := m.lines[kind]
		m.rand.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
	}
	m.wishes, m.asks = m.rand.IntN(2) == 0, m.rand.IntN(2) == 0
	m.turn()
	return m
}

// turn draws the random parameters of the next turn.
func (m *dialogue) turn() {
	between := func(least, most time.Duration) time.Duration {
		return least + time.Duration(m.rand.Int64N(int64(most-least)))
	}
	m.answers = between(700*time.Millisecond, 1200*time.Millisecond)
	m.reacts = m.rand.Float64() < 0.75
	switch m.before {
	case Hello, Ask:
		m.patience = between(6*time.Second, 9*time.Second)
	case React:
		m.patience = between(2500*time.Millisecond, 4*time.Second)
	default:
		m.patience = between(3500*time.Millisecond, 6*time.Second)
	}
	// Whoever gets no answer talks less.
	m.patience += m.patience * time.Duration(min(m.unanswered, 8)) / 10
}

// next returns the line to say now; nil: listen. The caller plays it and then calls done.
func (m *dialogue) next(t moment) *line {
	if t.away {
		m.lost, m.back = m.met, t.now
		return nil
	}
	if t.given > m.given {
		m.given, m.glad, m.last, m.over = t.given, true, false, false
	}
	t.quiet = min(t.quiet, t.now.Sub(m.back))
	turn := m.answers
	if t.spoke < aWord {
		turn = toAnswer
	}
	bye := m.pick(Bye)
	switch {
	case m.over || t.quiet < byeRest:
		return nil
	case t.left < bye.length+byeTime:
		if t.left < bye.length+byeRest || t.quiet < turn && t.left > bye.length+byeTime/2 {
			return nil // nobody is left in the middle of a goodbye, nor of a thought
		}
		return bye
	case !m.met:
		return m.say(t, breath, Hello)
	case m.lost:
		return m.say(t, 2*breath, Again)
	case m.glad:
		return m.say(t, turn, More)
	case !m.last && t.left < lastMinute && t.left > tooLate:
		return m.say(t, turn, Minute)
	case m.wishes && !t.asked && t.left < wishFrom && t.left > wishUntil && m.listened+t.spoke > worthMore:
		return m.say(t, turn, Wish)
	case m.cut != nil && t.spoke < aThought && m.cut.length < t.left-bye.length-byeTime*2/3:
		if t.quiet < m.answers {
			return nil
		}
		return m.cut // they only put a word in
	case t.spoke >= aWord:
		return m.answer(t)
	}
	return m.goOn(t)
}

// answer returns the line after the partner has finished speaking, or nil.
func (m *dialogue) answer(t moment) *line {
	switch {
	case t.quiet < m.answers:
		return nil
	case m.reacts && t.spoke >= aThought && m.before != React:
		return m.first(t, append([]Kind{React}, m.own()...)...)
	case t.quiet < m.answers+time.Duration(m.spent(t.now)*float64(slower)):
		return nil
	}
	return m.first(t, append(m.own(), React)...)
}

// goOn returns the line after a long silence, or nil.
func (m *dialogue) goOn(t moment) *line {
	patience := min(m.patience+time.Duration(m.spent(t.now)*float64(m.patience)), longest)
	if t.muted && (m.before == Hello || m.before == Ask) {
		patience /= 2 // nobody is waited for who cannot answer
	}
	switch {
	case t.quiet < patience:
		return nil
	case t.muted && !m.noticed:
		return m.first(t, append([]Kind{Muted}, m.own()...)...)
	case !t.muted && (m.before == Hello || m.unanswered%4 == 0):
		return m.first(t, append([]Kind{Quiet}, m.own()...)...)
	}
	return m.first(t, append(m.own(), Quiet)...)
}

// spent returns the share of questions and stories that were said lately, 0 to 1. The more,
// the longer the pauses.
func (m *dialogue) spent(now time.Time) float64 {
	said, all := 0, 0
	for _, kind := range []Kind{Ask, Story} {
		for _, l := range m.lines[kind] {
			all++
			if at, before := m.said[l]; before && now.Sub(at) < fresh {
				said++
			}
		}
	}
	return float64(said) / float64(all)
}

// own returns the kinds for a topic of the resident's own: first what they are, then
// questions and stories in turn.
func (m *dialogue) own() []Kind {
	switch {
	case !m.honest:
		return []Kind{Made, Story, Ask}
	case m.asks:
		return []Kind{Ask, Story}
	}
	return []Kind{Story, Ask}
}

func (m *dialogue) say(t moment, after time.Duration, kind Kind) *line {
	if t.quiet < after {
		return nil
	}
	return m.pick(kind)
}

// first returns the line of the first kind that has one not said lately, and short enough
// for the time before the goodbye.
func (m *dialogue) first(t moment, kinds ...Kind) *line {
	again := fresh
	if t.quiet > longQuiet {
		again = stale
	}
	for _, kind := range kinds {
		l := m.pick(kind)
		if l.length > t.left-m.pick(Bye).length-byeTime*2/3 {
			continue
		}
		if at, said := m.said[l]; !said || t.now.Sub(at) > again {
			return l
		}
	}
	return nil
}

// pick returns the line of a kind that was not said for the longest time.
func (m *dialogue) pick(kind Kind) *line {
	return slices.MinFunc(m.lines[kind], func(a, b *line) int { return m.said[a].Compare(m.said[b]) })
}

// done records that line l was played up to upTo, after moment t.
func (m *dialogue) done(l *line, t moment, upTo time.Duration) {
	whole := upTo >= l.length
	again := l == m.cut
	m.said[l], m.before, m.cut = t.now, l.kind, nil
	m.unanswered++
	if t.spoke >= aWord {
		m.unanswered = 1
	}
	m.listened += t.spoke
	switch l.kind {
	case Hello:
		m.met = true
	case Made:
		m.tries++
		m.honest = upTo >= l.length/2 || m.tries == mostTries
	case Ask:
		m.asks = false
	case Story:
		m.asks = true
	case Muted:
		m.noticed = true
	case Again:
		m.lost = false
	case More:
		m.glad = false
	case Wish:
		m.wishes = false
	case Minute:
		m.last = true
	case Bye:
		m.over = true
	}
	if l.kind == Made && !m.honest {
		delete(m.said, l) // nobody misses that
	}
	switch l.kind {
	case Made, Ask, Story:
		if !whole && !again {
			m.cut = l.rest(upTo)
		}
	}
	m.turn()
}

// rest returns the part of a line after the last pause before upTo.
func (l *line) rest(upTo time.Duration) *line {
	d, err := audio.NewDecoder()
	if err != nil {
		return nil
	}
	rest := *l
	at, quiet := time.Duration(0), time.Duration(0)
	for i, p := range l.voice.Packets {
		length := audio.PacketDuration(p)
		if at+length > upTo {
			break
		}
		samples, err := d.Decode(p)
		switch {
		case err == nil && rms(samples) < pauseLevel:
			quiet += length
		case quiet >= aPause:
			rest.voice.Packets, rest.length = l.voice.Packets[i-1:], l.length-at+length
			fallthrough
		default:
			quiet = 0
		}
		at += length
	}
	return &rest
}

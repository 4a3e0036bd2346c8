package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"heyy/internal/media/audio"
)

// speaker is how one of the residents sounds.
type speaker struct {
	Engine  string  `yaml:"engine"` // flite, hts or espeak
	Name    string  `yaml:"name"`   // the engine's voice
	Speed   int     `yaml:"speed"`  // espeak only: words a minute
	Formant float64 `yaml:"formant"`
	Pitch   float64 `yaml:"pitch"` // Hz, the median to have
	Range   float64 `yaml:"range"`
	Tempo   float64 `yaml:"tempo"` // over 1 is slower: what durations are multiplied by
	Bass    float64 `yaml:"bass"`  // dB
	Treble  float64 `yaml:"treble"`
	Room    int     `yaml:"room"` // 0..100
}

const (
	loudnessDB = -21.0 // what voice.Loudness says of every clip, within a dB
	ceiling    = 0.85  // no sample is above: Opus overshoots a little
	bitrate    = "20k"
	callRate   = "16k" // sounds the same of these engines, and there are many
)

// speak has text spoken, shaped and encoded into target, and returns its bytes.
func (s speaker) speak(dir, text, target, rate string) ([]byte, error) {
	raw, shaped, wide, level := filepath.Join(dir, "raw.wav"), filepath.Join(dir, "shaped.wav"),
		filepath.Join(dir, "wide.f32"), filepath.Join(dir, "level.f32")
	if err := s.synthesise(dir, text, raw); err != nil {
		return nil, err
	}
	if err := s.shape(dir, raw, shaped); err != nil {
		return nil, err
	}
	if err := s.place(shaped, wide); err != nil {
		return nil, err
	}
	if err := levelOut(wide, level); err != nil {
		return nil, err
	}
	if err := encode(level, target, rate); err != nil {
		return nil, err
	}
	return os.ReadFile(target)
}

func (s speaker) synthesise(dir, text, out string) error {
	switch s.Engine {
	case "flite":
		return command("flite", "-voice", s.Name, "-t", text, "-o", out)
	case "hts":
		scheme := filepath.Join(dir, "say.scm")
		program := fmt.Sprintf("(voice_cmu_us_%s_arctic_hts)\n(utt.save.wave (utt.synth (Utterance Text %q)) %q)\n", s.Name, text, out)
		if err := os.WriteFile(scheme, []byte(program), 0o644); err != nil {
			return err
		}
		return command("festival", "-b", scheme)
	case "espeak":
		return command("espeak-ng", "-v", s.Name, "-s", fmt.Sprint(s.Speed), "-w", out, text)
	default:
		return fmt.Errorf("no engine is called %q", s.Engine)
	}
}

// shape makes the engine's one speaker into another: formants, pitch, range and
// pace by PSOLA.
func (s speaker) shape(dir, in, out string) error {
	script := filepath.Join(dir, "shape.praat")
	low, high := 75, 420
	if s.Pitch < 150 && s.Engine != "flite" {
		low, high = 60, 300
	}
	// A fixed seed: PSOLA draws what is unvoiced, and the files are compared.
	program := fmt.Sprintf("random_initializeWithSeedUnsafelyButPredictably (1)\nRead from file: %q\nChange gender: %d, %d, %g, %g, %g, %g\nSave as WAV file: %q\n",
		in, low, high, s.Formant, s.Pitch, s.Range, s.Tempo, out)
	if err := os.WriteFile(script, []byte(program), 0o644); err != nil {
		return err
	}
	return command("praat", "--run", script)
}

// place cuts the silence around the words, balances the tone and puts the
// speaker into a small room: dry synthesis is tiring to listen to.
func (s speaker) place(in, out string) error {
	args := []string{"-R", "-D", in, "-t", "f32", "-c", "1", "-r", fmt.Sprint(audio.Rate), out, "norm", "-6", "rate", "-v", fmt.Sprint(audio.Rate),
		"silence", "1", "0.01", "-48d", "reverse", "silence", "1", "0.01", "-48d", "reverse",
		"highpass", "60", "bass", fmt.Sprint(s.Bass), "180", "treble", fmt.Sprint(s.Treble), "5000",
		"pad", "0.08", "0.22", "reverb", fmt.Sprint(s.Room), "75", fmt.Sprint(s.Room), "20", "8", "-8", "channels", "1"}
	return command("sox", args...)
}

// levelOut fades a clip's room out, brings it to loudnessDB and rounds its peaks
// off.
func levelOut(in, out string) error {
	data, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	samples := make([]float32, len(data)/4)
	for i := range samples {
		samples[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[i*4:]))
	}
	const fade = audio.Rate / 8
	for i := range min(fade, len(samples)) {
		samples[len(samples)-1-i] *= float32(i) / fade
	}
	now := audio.Loudness(samples)
	if math.IsInf(now, -1) {
		return errors.New("the engine said nothing")
	}
	// Rounding peaks off costs loudness; two more turns win it back.
	for range 3 {
		gain := math.Pow(10, (loudnessDB-now)/20)
		for i, v := range samples {
			samples[i] = float32(soften(float64(v) * gain))
		}
		now = audio.Loudness(samples)
	}
	for i, v := range samples {
		binary.LittleEndian.PutUint32(data[i*4:], math.Float32bits(v))
	}
	return os.WriteFile(out, data, 0o644)
}

// soften leaves quiet samples alone and bends loud ones below the ceiling.
func soften(v float64) float64 {
	const knee = 0.6 * ceiling
	a := math.Abs(v)
	if a <= knee {
		return v
	}
	return math.Copysign(knee+(ceiling-knee)*math.Tanh((a-knee)/(ceiling-knee)), v)
}

// encode makes mono Ogg/Opus of 20 ms frames, without tags and the same from
// the same samples every time.
func encode(in, out, rate string) error {
	tagged := in + ".opus"
	if err := command("ffmpeg", "-v", "error", "-y", "-f", "f32le", "-ar", fmt.Sprint(audio.Rate), "-ac", "1", "-i", in,
		"-fflags", "+bitexact", "-flags:a", "+bitexact",
		"-c:a", "libopus", "-b:a", rate, "-vbr", "on", "-application", "voip", "-frame_duration", "20", "-compression_level", "10",
		"-f", "ogg", tagged); err != nil {
		return err
	}
	// The encoder names itself in a tag; only a second pass can drop it.
	return command("ffmpeg", "-v", "error", "-y", "-i", tagged, "-map_metadata", "-1", "-map_metadata:s:a", "-1",
		"-c", "copy", "-fflags", "+bitexact", "-f", "ogg", out)
}

// makeTones writes what tests play instead of speech: one frequency each, so
// that whoever hears it knows whose it is.
func makeTones(work, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, hz := range []string{"440", "1000"} {
		raw := filepath.Join(work, hz+".f32")
		if err := command("sox", "-R", "-D", "-n", "-t", "f32", "-c", "1", "-r", fmt.Sprint(audio.Rate), raw,
			"synth", "4", "sine", hz, "vol", "0.25"); err != nil {
			return err
		}
		if err := encode(raw, filepath.Join(dir, hz+".opus"), bitrate); err != nil {
			return err
		}
	}
	return nil
}

func command(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

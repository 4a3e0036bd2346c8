// Command voices makes the residents' voices: it reads script.yaml, has free
// engines speak every line, shapes the speakers apart, encodes Ogg/Opus,
// measures each intro and writes internal/lab/resident/voices with its manifest, and
// the test tones of internal/lab/bot.
//
// It needs flite, festival with festvox-us-slt-hts, espeak-ng, praat, sox and
// ffmpeg; make.sh installs them on Debian. It runs when the script changes and
// never as part of a build: its results are committed. It keeps no state beyond
// those files.
package main

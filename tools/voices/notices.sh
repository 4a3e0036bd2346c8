#!/bin/sh
# Makes the spoken notices of the client: web/src/voice/notices. Needs the Debian packages
# espeak-ng and ffmpeg.
set -eu
cd "$(dirname "$0")/../.."
to=web/src/voice/notices
mkdir -p "$to"
say() { # language of the client, voice, words
	espeak-ng -v "$2" -s 150 -p 42 -g 2 --stdout "$3" |
		ffmpeg -v error -y -i - -af 'highpass=f=90,lowpass=f=7000,volume=-4dB' -ac 1 -c:a libopus -b:a 20k -map_metadata -1 "$to/recorded-$1.ogg"
}
say en en-us+f3 'This room is being recorded.'
say it it+f3 'Questa stanza viene registrata.'
say zh cmn-latn-pinyin+f3 'zhe4 ge5 fang2 jian1 zheng4 zai4 lu4 yin1' # 这个房间正在录音

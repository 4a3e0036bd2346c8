// Package picture takes pictures in from people: JPEG, PNG or WebP of any
// origin in, one plain JPEG out that holds nothing but what can be seen.
//
// Size is read before anything is decoded, decoding is bounded in memory and
// time, and what comes out was encoded anew: no place, no camera, no comment
// and no second file hidden behind the first one survives. Colours count as
// sRGB; a profile for other ones is dropped with the rest.
//
// It is pure: no clock, no network, no state, nothing kept.
package picture

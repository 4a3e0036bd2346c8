// Package imaging converts uploaded pictures (JPEG, PNG, WebP) to one plain JPEG that holds
// nothing but the visible pixels.
//
// Dimensions are checked before decoding, decoding is bounded in memory and time, and the
// result is encoded anew: no location, camera model, comment or appended file survives.
// Colours are treated as sRGB; ICC profiles are dropped. The package is pure: no clock, no
// network, no state.
package imaging

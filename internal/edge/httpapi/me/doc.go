// Package me has the operations on the acting person themselves: profile, clips, photos,
// home and verification.
package me

// Package shelf keeps blobs and rows together: a blob that no row claims does
// not stay, whether its write was cut off, its transaction rolled back or its
// row replaced.
//
// It owns the table loose_blobs. It knows nothing of what it keeps.
package shelf

// Package people has the operations on other people, such as reading a card, hearing a
// clip, blocking and reporting, and makes the views of people for all operations.
//
// A view is what one viewer may see of somebody, see Views. Addresses of clips and photos
// in it are signed for the viewer.
package people

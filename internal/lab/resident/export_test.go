package resident

// Speaks is for tests.
var Speaks = speaks

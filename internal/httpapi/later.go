package httpapi

import "heyy/internal/fault"

var errLater = fault.New(fault.Unavailable, "server.not_ready", "Not ready yet.")

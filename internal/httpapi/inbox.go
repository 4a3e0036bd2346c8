package httpapi

func (a *API) inboxOperations() {}

package httpapi

func (a *API) signInOperations() {}

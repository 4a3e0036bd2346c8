package httpapi

func (a *API) meOperations() {}

package httpapi

func (a *API) peopleOperations() {}

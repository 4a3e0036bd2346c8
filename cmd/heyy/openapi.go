package main

import "heyy/internal/httpapi"

type openAPICommand struct{}

func (openAPICommand) Run(to std) error {
	contract, err := httpapi.New(httpapi.Deps{}).OpenAPI()
	if err != nil {
		return err
	}
	_, err = to.out.Write(contract)
	return err
}

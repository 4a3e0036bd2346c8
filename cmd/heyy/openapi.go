package main

import (
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/contract"
)

type openAPICommand struct{}

func (openAPICommand) Run(to std) error {
	text, err := contract.New(httpapi.Config{}, contract.Services{}).OpenAPI()
	if err != nil {
		return err
	}
	_, err = to.out.Write(text)
	return err
}

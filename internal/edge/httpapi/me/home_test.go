package me_test

import (
	"net/http"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/me"
	"heyy/internal/edge/httpapi/people"
)

func TestAHomeIsARegion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, _ := h.Fits(t, "Anna", "woman")
		var found me.Towns
		anna.Want(http.StatusOK, "", "GET", "/api/towns?q=%E7%B1%B3%E5%85%B0&language=it", "").Into(t, &found)
		if len(found.Towns) == 0 || found.Towns[0].Name != "Milano" || found.Towns[0].Country != "IT" {
			t.Fatalf("%+v", found)
		}
		var me people.Me
		anna.Want(http.StatusOK, "", "PUT", "/api/me/home", apitest.JSON(t, map[string]string{"town": found.Towns[0].ID})).Into(t, &me)
		if me.Home.Region == nil || me.Home.Region.Country != "IT" || me.Home.Shown != nil || len(me.Needs) != 0 {
			t.Errorf("%+v, needs %v", me.Home, me.Needs)
		}
		anna.Want(http.StatusUnprocessableEntity, "region.unknown_town", "PUT", "/api/me/home", `{"town":"1"}`)
	})
}

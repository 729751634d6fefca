package reference_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"integr8/handlers/operate/reference"
)

// memory is a store of advertisers in memory; package sql/store has one over Postgres.
type memory struct{ advertisers []reference.Advertiser }

func (m *memory) Owner(context.Context, reference.Object, int64) (int64, error) { return 1, nil }

func (m *memory) Namesakes(context.Context, reference.Object, int64) ([]int64, error) {
	return []int64{1}, nil
}

func (m *memory) CreateAdvertiser(_ context.Context, account int64, name string) (reference.Advertiser, error) {
	created := reference.Advertiser{
		ID: int64(len(m.advertisers) + 1), AccountID: account, Name: name, CreatedAt: time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC),
	}
	m.advertisers = append(m.advertisers, created)
	return created, nil
}

func (m *memory) Advertisers(context.Context, int64) ([]reference.Advertiser, error) {
	return m.advertisers, nil
}

func (m *memory) Advertiser(_ context.Context, _, id int64) (reference.Advertiser, error) {
	return m.advertisers[id-1], nil
}

func (m *memory) EditAdvertiser(_ context.Context, _, id int64, name string) (reference.Advertiser, error) {
	m.advertisers[id-1].Name = name
	return m.advertisers[id-1], nil
}

// A caller other than the command line, such as an HTTP API, publishes the result as
// JSON, with the warnings beside it.
func ExampleAdvertisers_Create() {
	advertisers := reference.Advertisers{Store: &memory{}}
	created, warnings, err := advertisers.Create(context.Background(), 1, " Shoes ")
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := json.Marshal(created)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(text))
	fmt.Println(warnings[0])
	// Output:
	// {"id":1,"account_id":1,"name":"Shoes","created_at":"2026-03-14T15:00:00Z"}
	// advertiser 1 has the name "Shoes" too: tell them apart by number, or rename one: `integr8 advertiser edit ID --name NAME`
}

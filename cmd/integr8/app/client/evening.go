package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// find looks for the order in every way.
func (d *day) find(ctx context.Context) error {
	order := "day-1"
	found, err := d.FindWithResponse(ctx, nil, SearchQuestion{OrderId: &order})
	if err != nil || found.JSON200 == nil {
		return failed("find", err, found)
	}
	if found.JSON200.Hits == nil || len(*found.JSON200.Hits) != 1 || found.JSON200.Conversions == nil || len(*found.JSON200.Conversions) != 1 {
		return errors.New("the order is not found once")
	}
	if receipt := (*found.JSON200.Hits)[0].Receipt.String(); receipt != d.receipt {
		return fmt.Errorf("the order has the receipt %s, and not %s", receipt, d.receipt)
	}
	if payout := (*found.JSON200.Conversions)[0].Payout; payout != "1.25" {
		return fmt.Errorf("the payout is %s, and not the publisher's own", payout)
	}
	conversions, err := d.ListConversionsWithResponse(ctx, &ListConversionsParams{Offer: &d.offer})
	if err != nil || conversions.JSON200 == nil || len(*conversions.JSON200.Items) != 1 {
		return failed("conversions", err, conversions)
	}
	one, hits := int64(1), 0
	for params := (ListHitsParams{Offer: &d.offer, Limit: &one}); ; {
		page, err := d.ListHitsWithResponse(ctx, &params)
		if err != nil || page.JSON200 == nil {
			return failed("hits", err, page)
		}
		hits += len(*page.JSON200.Items)
		if params.Cursor = page.JSON200.Next; params.Cursor == nil {
			break
		}
	}
	if hits < 2 {
		return fmt.Errorf("there are %d hits, and a click and a postback were sent", hits)
	}
	return nil
}

// report waits until the roll-ups show the conversion.
func (d *day) report(ctx context.Context) error {
	by := "publisher"
	return until(ctx, func() (bool, error) {
		report, err := d.ReportWithResponse(ctx, &ReportParams{Offer: &d.offer, By: &by})
		if err != nil || report.JSON200 == nil {
			return false, failed("report", err, report)
		}
		return report.JSON200.Total.Conversions == 1 && report.JSON200.Total.Clicks >= 1, nil
	})
}

// history reads what the day has changed of the offer.
func (d *day) history(ctx context.Context) error {
	noun, id := ListHistoryParamsNoun("offer"), strconv.FormatInt(d.offer, 10)
	changes, err := d.ListHistoryWithResponse(ctx, &ListHistoryParams{Noun: &noun, Id: &id})
	if err != nil || changes.JSON200 == nil || len(*changes.JSON200.Items) != 3 {
		return failed("history", err, changes)
	}
	edit := (*changes.JSON200.Items)[0]
	if edit.Act != "edit" || edit.Old["name"] != "Sale" || edit.New["name"] != "Winter sale" {
		return fmt.Errorf("the edit is recorded as %v", edit)
	}
	return nil
}

// deadLetters pauses the offer, sends a hit for it, and sees it among the dead.
func (d *day) deadLetters(ctx context.Context) error {
	paused := ReferenceOfferEditFormStatus("paused")
	edited, err := d.EditOfferWithResponse(ctx, d.offer, &EditOfferParams{IfMatch: "*"}, ReferenceOfferEditForm{Status: &paused})
	if err != nil || edited.JSON200 == nil {
		return failed("pause", err, edited)
	}
	orders := 0
	var letter DeadListed
	err = until(ctx, func() (bool, error) { // a worker learns of the pause a moment later
		orders++
		sent, err := d.fire(ctx, "/clickless", "secure", d.token, "offer", strconv.FormatInt(d.offer, 10), "publisher", strconv.FormatInt(d.publisher, 10),
			"external_transaction_id", "day-"+strconv.Itoa(orders))
		if err != nil {
			return false, err
		}
		sent.Body.Close()
		if sent.StatusCode != http.StatusOK {
			return false, fmt.Errorf("a door has answered %s", sent.Status)
		}
		listed, err := d.ListDeadLettersWithResponse(ctx, &ListDeadLettersParams{Offer: &d.offer})
		if err != nil || listed.JSON200 == nil {
			return false, failed("list", err, listed)
		}
		if len(*listed.JSON200.Items) == 0 {
			return false, nil
		}
		letter = (*listed.JSON200.Items)[0]
		return true, nil
	})
	if err != nil {
		return err
	}
	if letter.Reason != "offer_paused" {
		return fmt.Errorf("the letter died of %s", letter.Reason)
	}
	return nil
}

package cli

import (
	"context"
	"errors"
	"fmt"

	"integr8/handlers/doorclient"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/tester"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/failure"
)

type testCommand struct {
	output
	Account   int64      `placeholder:"ID" help:"Account of the offer; it need not be named."`
	Offer     int64      `required:"" placeholder:"ID" help:"Offer to try."`
	Publisher int64      `required:"" placeholder:"ID" help:"Publisher whose click it is."`
	Way       tester.Way `default:"global" enum:"global,offer,pixel,clickless" help:"How it converts: global (the postback of the account), offer (that of the offer), pixel or clickless. Default global."`
	Revenue   string     `placeholder:"AMOUNT" help:"Revenue that the postback sends; none by default."`
}

// Run carries out a test, and prints each step as it comes.
func (c *testCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.tester()
	if err != nil {
		return err
	}
	var unwritten error
	show := func(step tester.Step) {
		t := &table{width: terminalWidth(inv.stdout)}
		stepTable(t, step)
		unwritten = errors.Join(unwritten, t.write(inv.stdout))
	}
	if c.JSON {
		show = nil
	}
	test, err := use.Run(ctx, c.Account, tester.Plan{Offer: c.Offer, Publisher: c.Publisher, Way: c.Way, Revenue: c.Revenue}, show)
	if err != nil {
		return errors.Join(err, unwritten)
	}
	err = errors.Join(unwritten, c.print(inv, test, func(t *table) {
		t.row(fmt.Sprintf("No report counts the test. It is shown by: integr8 find --order-id %s --test", test.OrderID))
	}))
	if err == nil && !test.Converted {
		last := test.Steps[len(test.Steps)-1]
		return failure.WithHint(errors.New("the test did not convert: "+last.Text), last.Hint)
	}
	return err
}

// tester is the use case over the doors of the settings.
func (inv *invocation) tester() (tester.Tester, error) {
	tokens, err := inv.shownTokens()
	if err != nil {
		return tester.Tester{}, err
	}
	doors, err := inv.settings.doorsURL()
	if err != nil {
		return tester.Tester{}, err
	}
	db, err := inv.store()
	if err != nil {
		return tester.Tester{}, err
	}
	return tester.Tester{
		Doors:  doorclient.New(doors),
		Offers: reference.Offers{Store: db, Links: tokens.Base}, Publishers: reference.Publishers{Store: db}, Domains: reference.Domains{Store: db},
		Links: tokens, Traces: trace.Traces{Store: db, Keys: tokens.Keys}, Keys: tokens.Keys,
	}, nil
}

func stepTable(t *table, step tester.Step) {
	went := "ok"
	if !step.OK {
		went = "FAILED"
	}
	t.row(step.Step, went, fmt.Sprintf("%d ms", step.Millis), step.Text)
	for _, detail := range [][2]string{{"fired", step.URL}, {"hint", step.Hint}} {
		if detail[1] != "" {
			t.row("", "  "+detail[0]+": "+detail[1])
		}
	}
	if step.Receipt != nil {
		t.row("", "  receipt: "+step.Receipt.String())
	}
}

package console

import (
	"net/http"
	"strconv"
)

func (c *Console) createWebhook(v *visit) error {
	account, err := formAccount(v)
	if err != nil {
		return err
	}
	// One that has the notices of all accounts is no default.
	if account == 0 && v.r.PostFormValue("all") == "" {
		return &badRequest{"Name the account whose notices it has, or choose those of all accounts."}
	}
	if account != 0 && v.user.AccountID == nil && v.r.PostFormValue("all") != "" {
		return &badRequest{"Name one account or choose all of them, not both."}
	}
	hook, err := c.Alerts.Webhooks.Create(v.ctx(), account, v.r.PostFormValue("url"))
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/alerts/webhooks/"+strconv.FormatInt(hook.ID, 10), http.StatusSeeOther)
	return nil
}

// webhookPage shows a webhook with its secret, and logs that somebody has seen it.
func (c *Console) webhookPage(v *visit) error {
	id, err := pathNumber(v)
	if err != nil {
		return err
	}
	hook, err := c.Alerts.Webhooks.Show(v.ctx(), v.account(), id)
	if err != nil {
		return err
	}
	c.Logger.Info("the secret of a webhook was shown", "webhook", id, "user", v.user.Name)
	return c.render(v, http.StatusOK, "webhook", "Webhook", hook)
}

func (c *Console) removeWebhook(v *visit) error {
	id, err := pathNumber(v)
	if err != nil {
		return err
	}
	if _, err := c.Alerts.Webhooks.Remove(v.ctx(), v.account(), id); err != nil {
		return err
	}
	return backToAlerts(v, "webhook-removed")
}

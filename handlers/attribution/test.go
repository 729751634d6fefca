package attribution

// IsTest reports whether a hit of an account is a test by its mark, which names an account
// too: a mark of one account marks nothing in another.
func IsTest(marked, account int64) bool { return marked != 0 && marked == account }

// isTest reports whether the hit is a test, by its mark, or because its click is one.
// Whose hit it is, only its token says.
func (c *Case) isTest() bool {
	if c.Token == nil {
		return false
	}
	account := c.Token.AccountID
	return IsTest(c.TestAccount, account) || c.Click != nil && c.Click.Test && c.Click.AccountID == account
}

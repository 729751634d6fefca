package check

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// holder, beaten and bare select hits in statements: the hit that converted with the
// order, one that came too late for it, and one of the same click without an order,
// which converted.
const (
	holder = `(SELECT id FROM conversions WHERE order_id = 'X' AND offer_id = 14)`
	beaten = `(SELECT id FROM hits WHERE reason = 'duplicate_order' ORDER BY id LIMIT 1)`
	bare   = `(SELECT id FROM conversions WHERE offer_id = 14 AND order_id IS NULL)`
)

// TestCheckerFindsAnOrderThatConvertedMoreThanOnce writes the rows of a system without
// unique orders: each row by itself is right.
func TestCheckerFindsAnOrderThatConvertedMoreThanOnce(t *testing.T) {
	s := newStory(t)
	s.world.Offers[once].UniqueOrders = false
	s.write()
	require.Empty(t, s.check().Violations)
	s.world.Offers[once].UniqueOrders = true
	report := s.check()
	require.Equal(t, 2, report.Count(Doubled), "%v", report.Violations)
	require.Len(t, report.Violations, 2)
	for _, v := range report.Violations {
		require.Equal(t, `one conversion of offer 14 order "X"`, v.Expected)
	}
}

// TestCheckerFindsAnOrderThatIsLost removes the conversion that has an order, with
// several other rows in its place.
func TestCheckerFindsAnOrderThatIsLost(t *testing.T) {
	s := newStory(t)
	lose := `DELETE FROM conversions WHERE id = ` + holder
	for name, statements := range map[string][]string{
		"and nothing else": {lose},
		"and its hits say that it is refused": {
			`UPDATE hits SET outcome = 'duplicate', reason = 'duplicate_order', duplicate_of = id WHERE id = ` + holder, lose},
		"and its hits point at the other conversion of their click": {
			`UPDATE hits SET conversion_id = ` + bare + `, duplicate_of = ` + bare + ` WHERE duplicate_of = ` + holder, lose},
	} {
		t.Run(name, func(t *testing.T) {
			s.rewrite()
			for _, statement := range statements {
				s.exec(statement)
			}
			report := s.check()
			require.Equal(t, 1, report.Count(Lost), "%v", report.Violations)
			for _, v := range report.Violations {
				if v.Rule == Lost {
					require.Equal(t, `a conversion of offer 14 order "X"`, v.Expected)
				}
			}
		})
	}
}

func TestCheckerFailsWhenADuplicateOfAnOrderIsAltered(t *testing.T) {
	s := newStory(t)
	for name, row := range map[string]struct {
		rule      Rule
		statement string
	}{
		"it has another reason":                {WrongDuplicate, `UPDATE hits SET reason = 'duplicate_same_url' WHERE id = ` + beaten},
		"it names another conversion":          {WrongDuplicate, `UPDATE hits SET conversion_id = ` + converted + `, duplicate_of = ` + converted + ` WHERE id = ` + beaten},
		"it names none":                        {WrongDuplicate, `UPDATE hits SET conversion_id = NULL, duplicate_of = NULL WHERE id = ` + beaten},
		"it names the hit that has not got it": {WrongDuplicate, `UPDATE hits SET duplicate_of = id WHERE id = ` + beaten},
		"it is said to have converted":         {WrongDuplicate, `UPDATE hits SET outcome = 'converted', reason = '', conversion_id = id, duplicate_of = NULL WHERE id = ` + beaten},
		"it is rejected":                       {WrongOutcome, `UPDATE hits SET outcome = 'rejected', reason = 'wrong_offer' WHERE id = ` + beaten},
		"it is removed":                        {Lost, `DELETE FROM hits WHERE id = ` + beaten},
		"a hit without an order is refused by it": {WrongDuplicate,
			`UPDATE hits SET outcome = 'duplicate', reason = 'duplicate_order', conversion_id = ` + holder + `, duplicate_of = ` + holder + ` WHERE id = ` + bare},
		"another offer's order is refused by it": {WrongDuplicate, `UPDATE hits SET outcome = 'duplicate', reason = 'duplicate_order', conversion_id = ` + holder +
			`, duplicate_of = ` + holder + ` WHERE id = (SELECT id FROM conversions WHERE offer_id = 11 AND order_id = 'X')`},
		"a repeat of the click is said to repeat the order only": {WrongDuplicate,
			`UPDATE hits SET reason = 'duplicate_order' WHERE reason = 'duplicate_same_url' AND duplicate_of = ` + holder},
	} {
		t.Run(name, func(t *testing.T) {
			s.rewrite()
			s.exec(row.statement)
			report := s.check()
			require.NotZero(t, report.Count(row.rule), "%v", report.Violations)
		})
	}
}

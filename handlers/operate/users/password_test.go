package users

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

func TestAnUnknownUserCostsAsMuchAsAKnownOne(t *testing.T) {
	t.Parallel()
	cost, err := bcrypt.Cost([]byte(noPassword))
	require.NoError(t, err)
	require.Equal(t, fullCost, cost)
}

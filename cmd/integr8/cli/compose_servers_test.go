package cli

import (
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/doctor"
	"integr8/pipeline/outcome"
)

func TestComposeMakesNoAdministratorOfTheBroker(t *testing.T) {
	t.Parallel()
	target, content := onlyConfig(t, composeProject(t), "rabbitmq")
	require.Regexp(t, `^/etc/rabbitmq/conf\.d/.+\.conf$`, target)
	settings := strings.Fields(strings.ReplaceAll(content, " = ", "="))
	require.ElementsMatch(t, []string{"default_user_tags.administrator=false", "default_user_tags.policymaker=true"}, settings)
}

func TestComposeGivesTheApplicationAUserOfItsOwnInPostgres(t *testing.T) {
	t.Parallel()
	project := composeProject(t)
	target, _ := onlyConfig(t, project, "postgres")
	require.Regexp(t, `^/docker-entrypoint-initdb\.d/.+\.sql$`, target)
	server := project.Services["postgres"].Environment.Resolve(nil).ToMapping()
	require.Equal(t, secretsOf["POSTGRES_ADMIN_PASSWORD"], server["POSTGRES_PASSWORD"])
	require.NotEqual(t, server["POSTGRES_USER"], server["APPLICATION_USER"])

	for _, name := range slices.Concat(oneShots, longRunning) {
		environment := project.Services[name].Environment.Resolve(nil).ToMapping()
		address, err := url.Parse(environment["DATABASE_URL"])
		require.NoError(t, err, name)
		require.Equal(t, url.UserPassword(server["APPLICATION_USER"], server["APPLICATION_PASSWORD"]), address.User, name)
		require.Equal(t, "/"+server["APPLICATION_USER"], address.Path, name)
		for variable, value := range environment {
			require.NotContains(t, value, secretsOf["POSTGRES_ADMIN_PASSWORD"], "%s of %s", variable, name)
		}
	}
}

func TestEverythingRunsWithTheUserThatComposeMakesInPostgres(t *testing.T) {
	t.Parallel()
	databaseURL := makeComposeUser(t)
	p := &program{t: t, environment: map[string]string{"DATABASE_URL": databaseURL}}
	p.succeed("migrate")
	s := prepareSystemOn(t, databaseURL, os.Getenv("AMQP_URL"))
	p.environment = s.variables
	created := func(arguments ...string) int64 { return int64(p.object(arguments...)["id"].(float64)) }
	account := created("account", "create", "--name", "Acme")
	advertiser := created("advertiser", "create", "--account", number(account), "--name", "Shoes")
	s.Publisher = created("publisher", "create", "--account", number(account), "--name", "Blog")
	s.Offer = created(offerArguments("--account="+number(account), "--advertiser="+number(advertiser), "--revenue=4")...)
	token := p.object("token", "create", "--account", number(account))["token"].(string)

	s.startDoors("up")
	s.becomes(s.get("/postback", "secure", token, "transaction_id", s.click()).receipt, outcome.Converted)
	receipt := s.get("/postback", "secure", token, "transaction_id", strings.Repeat("0", 32)).receipt
	require.Equal(t, outcome.Rejected, s.decided(receipt).Outcome)

	code, findings := s.doctor()
	require.Zero(t, code, "%v", findings)
	for _, list := range findings {
		for _, found := range list {
			require.NotEqual(t, doctor.Broken, found.Level, "%v", found)
		}
	}
	for _, command := range []string{"report", "report --orders", "dead list", "queues", "secret list", "topology",
		"trace " + receipt} {
		p.succeed(strings.Fields(command)...)
	}

	old := time.Now().Add(-60 * 24 * time.Hour)
	s.insertClick(s.keys.Mint(old), old)
	p.succeed("retention", "set", "--hits", "40d")
	s.startWorker()
	require.Eventually(t, func() bool { return s.count("clicks") == 1 }, patience, 10*time.Millisecond, "the old day is dropped")
}

// makeComposeUser runs the init script of the compose file as the image of
// Postgres does, for a user with a name of its own, and returns the URL of that
// user's database. Both are dropped when the test ends.
func makeComposeUser(t *testing.T) string {
	t.Helper()
	adminURL := os.Getenv("DATABASE_URL")
	require.NotEmpty(t, adminURL, "these tests need a real Postgres: run `make test`, or set DATABASE_URL")
	admin, err := sqlx.Open("postgres", adminURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, admin.Close()) })

	_, content := onlyConfig(t, composeProject(t), "postgres")
	script := filepath.Join(t.TempDir(), "init.sql")
	require.NoError(t, os.WriteFile(script, []byte(content), 0o600))
	name, password := "test_user_"+strings.ToLower(rand.Text()[:16]), rand.Text()
	address, err := url.Parse(adminURL)
	require.NoError(t, err)
	adminPassword, _ := address.User.Password()
	address.User = url.User(address.User.Username())
	command := exec.CommandContext(t.Context(), "psql", "-v", "ON_ERROR_STOP=1", "--no-password", "--no-psqlrc", "--dbname", address.String(), "-f", script)
	command.Env = append(os.Environ(), "PGPASSWORD="+adminPassword, "APPLICATION_USER="+name, "APPLICATION_PASSWORD="+password)
	t.Cleanup(func() {
		_, database := admin.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)")
		_, role := admin.Exec("DROP ROLE IF EXISTS " + name)
		require.NoError(t, errors.Join(database, role))
	})
	printed, err := command.CombinedOutput()
	require.NoError(t, err, "psql, with a user in DATABASE_URL that may make roles: %s", printed)

	var rights struct{ Login, Others, Member bool }
	require.NoError(t, admin.Get(&rights, `SELECT rolcanlogin AS login,
		rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls AS others,
		EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid) AS member
		FROM pg_roles WHERE rolname = $1`, name))
	require.Equal(t, struct{ Login, Others, Member bool }{Login: true}, rights)
	address.User, address.Path = url.UserPassword(name, password), "/"+name
	return address.String()
}

// onlyConfig returns where a service finds its one config, and its text.
func onlyConfig(t *testing.T, project *types.Project, service string) (target, content string) {
	t.Helper()
	configs := project.Services[service].Configs
	require.Len(t, configs, 1)
	return configs[0].Target, project.Configs[configs[0].Source].Content
}

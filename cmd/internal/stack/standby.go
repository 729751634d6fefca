package stack

import (
	"context"
	"fmt"
	"net/url"
)

// copyPrimary copies the data of the primary that this Postgres follows from then on. Its
// passwords are those of the primary.
func (p *postgres) copyPrimary(ctx context.Context, as account) error {
	primary, err := url.Parse(p.standbyOf)
	if err != nil {
		return fmt.Errorf("read the address of the primary: %w", err)
	}
	p.Password, _ = primary.User.Password()
	if err := p.commit(); err != nil {
		return err
	}
	programs, err := findPostgres(postgresLibrary, 0)
	if err != nil {
		return err
	}
	p.say("copying the data of the primary")
	return p.makeData(ctx, programs, as, "pg_basebackup", []string{
		"--pgdata", p.data(), "--host", primary.Hostname(), "--port", primary.Port(), "--username", primary.User.Username(),
		"--write-recovery-conf", "--checkpoint", "fast", "--no-sync",
	}, "PGPASSWORD="+p.Password)
}

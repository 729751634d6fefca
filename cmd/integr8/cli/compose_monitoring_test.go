package cli

import (
	"maps"
	"net"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// watchers are the services of the profile monitoring.
var watchers = []string{"grafana", "prometheus"}

func TestComposeWatchesOnlyWithItsProfile(t *testing.T) {
	t.Parallel()
	usual, err := loadCompose(t, secretsOf)
	require.NoError(t, err)
	watched, err := loadCompose(t, secretsOf, "monitoring")
	require.NoError(t, err)
	var more []string
	for name := range watched.Services {
		if _, always := usual.Services[name]; !always {
			more = append(more, name)
		}
	}
	slices.Sort(more)
	require.Equal(t, watchers, more)
}

func TestComposeKeepsWatchersWithoutRightsAndTheirDataInVolumes(t *testing.T) {
	t.Parallel()
	project := composeProject(t)
	for _, name := range watchers {
		service := project.Services[name]
		require.Equal(t, []string{"ALL"}, service.CapDrop, name)
		require.Contains(t, service.SecurityOpt, "no-new-privileges:true", name)
		require.NotNil(t, service.HealthCheck, name)
		require.Equal(t, "unless-stopped", service.Restart, name)
		require.Len(t, service.Volumes, 1, name)
		require.Equal(t, types.VolumeTypeVolume, service.Volumes[0].Type, name)
		require.Contains(t, project.Volumes, service.Volumes[0].Source, name)
	}
}

// The password of the admin addresses is a file, so that docker inspect does not show it.
func TestComposeGivesWatchersThePasswordAsAFile(t *testing.T) {
	t.Parallel()
	project := composeProject(t)
	for _, name := range watchers {
		service := project.Services[name]
		require.Len(t, service.Secrets, 1, name)
		require.Equal(t, "INTEGR8_ADMIN_PASSWORD", project.Secrets[service.Secrets[0].Source].Environment, name)
		for variable, value := range service.Environment.Resolve(nil).ToMapping() {
			require.NotContains(t, value, secretsOf["INTEGR8_ADMIN_PASSWORD"], "%s of %s", variable, name)
		}
	}
	file := "/run/secrets/" + project.Services["grafana"].Secrets[0].Source
	require.Equal(t, file, *project.Services["grafana"].Environment["GF_SECURITY_ADMIN_PASSWORD__FILE"])
	require.Equal(t, file, prometheusJob(t).Password.File)
	require.Equal(t, "admin", prometheusJob(t).Password.User)
}

// job is what prometheus.yml scrapes.
type job struct {
	Name     string `yaml:"job_name"`
	Password struct {
		User string `yaml:"username"`
		File string `yaml:"password_file"`
	} `yaml:"basic_auth"`
	Discovery []struct {
		Names []string `yaml:"names"`
		Port  int      `yaml:"port"`
	} `yaml:"dns_sd_configs"`
}

func prometheusJob(t *testing.T) job {
	t.Helper()
	var config struct {
		Jobs []job `yaml:"scrape_configs"`
	}
	readYAML(t, monitoring+"/prometheus.yml", &config)
	require.Len(t, config.Jobs, 1)
	return config.Jobs[0]
}

func TestComposeLetsPrometheusFindEveryProcess(t *testing.T) {
	t.Parallel()
	found := prometheusJob(t)
	require.Equal(t, "integr8", found.Name, "alarms and dashboard name this job")
	require.Len(t, found.Discovery, 1)
	var processes []string
	for name, service := range composeProject(t).Services {
		if address := service.Environment["INTEGR8_ADMIN_ADDR"]; address != nil {
			processes = append(processes, name)
			_, port, err := net.SplitHostPort(*address)
			require.NoError(t, err)
			require.Equal(t, strconv.Itoa(found.Discovery[0].Port), port, name)
		}
	}
	require.ElementsMatch(t, processes, found.Discovery[0].Names)
	require.Subset(t, processes, longRunning)
}

func TestComposeMountsWhatPrometheusAndGrafanaAreTold(t *testing.T) {
	t.Parallel()
	project := composeProject(t)
	mounted := map[string]string{} // files by where they are mounted
	for _, name := range watchers {
		for _, config := range project.Services[name].Configs {
			file := project.Configs[config.Source].File
			require.FileExists(t, file)
			mounted[config.Target] = filepath.Base(file)
		}
	}
	config := "/etc/prometheus/prometheus.yml"
	require.Contains(t, project.Services["prometheus"].Command, "--config.file="+config)
	require.Equal(t, "prometheus.yml", mounted[config])
	var rules struct {
		Files []string `yaml:"rule_files"`
	}
	readYAML(t, monitoring+"/prometheus.yml", &rules)
	for _, file := range rules.Files {
		require.Contains(t, mounted, path.Join(path.Dir(config), file))
	}

	var sources struct {
		All []struct {
			URL string `yaml:"url"`
		} `yaml:"datasources"`
	}
	readYAML(t, monitoring+"/grafana/datasource.yml", &sources)
	require.Len(t, sources.All, 1)
	require.Equal(t, "http://prometheus:9090", sources.All[0].URL)
	var dashboards struct {
		Providers []struct {
			Options map[string]string `yaml:"options"`
		} `yaml:"providers"`
	}
	readYAML(t, monitoring+"/grafana/dashboards.yml", &dashboards)
	shown := *project.Services["grafana"].Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
	require.Equal(t, "integr8.json", mounted[shown])
	require.Equal(t, path.Dir(shown), dashboards.Providers[0].Options["path"])
	for _, what := range []string{"datasources", "dashboards"} {
		targets := slices.Collect(maps.Keys(mounted))
		require.True(t, slices.ContainsFunc(targets, func(target string) bool {
			return path.Dir(target) == "/etc/grafana/provisioning/"+what
		}), what)
	}
}

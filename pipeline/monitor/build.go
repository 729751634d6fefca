package monitor

import "github.com/prometheus/client_golang/prometheus"

// Build is what a program was built from.
type Build struct{ Version, Revision, Go string }

// ShowBuild exports what the process was built from.
func (m *Metrics) ShowBuild(build Build) {
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "integr8_build_info", Help: "1, with what this process was built from as labels.",
	}, []string{"version", "revision", "go_version"})
	info.WithLabelValues(build.Version, build.Revision, build.Go).Set(1)
	m.Register(info)
}

{{/* Kubernetes names have 63 characters; a StatefulSet adds "-0" and more to its own. */}}
{{- define "hpl.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}-hpl
{{- end }}

{{- define "hpl.selector" -}}
app.kubernetes.io/name: hpl-gateway
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "hpl.labels" -}}
{{ include "hpl.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{- define "hpl.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end }}

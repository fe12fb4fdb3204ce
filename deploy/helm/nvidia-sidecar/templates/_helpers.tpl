{{/* The name of the chart, or what stands in its place. */}}
{{- define "nvidia-sidecar.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of all objects. A release that is called as the chart gives it once, not twice. */}}
{{- define "nvidia-sidecar.fullname" -}}
{{- $name := include "nvidia-sidecar.name" . }}
{{- $joined := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- default $joined .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* What all objects are labelled with. */}}
{{- define "nvidia-sidecar.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "nvidia-sidecar.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: nvidia-sidecar
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* What selects the pod. Never changed: a Deployment's selector cannot be. */}}
{{- define "nvidia-sidecar.selectorLabels" -}}
app.kubernetes.io/name: {{ include "nvidia-sidecar.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "nvidia-sidecar.image" -}}
{{- with .Values.image }}
{{- if .digest }}
{{- printf "%s@%s" .repository .digest }}
{{- else }}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "nvidia-sidecar.settingsName" -}}
{{ include "nvidia-sidecar.fullname" . }}-settings
{{- end }}

{{- define "nvidia-sidecar.secretName" -}}
{{ .Values.secret.name | default (include "nvidia-sidecar.fullname" .) }}
{{- end }}

{{/* The ConfigMap of the file of clients. Empty where there is none. */}}
{{- define "nvidia-sidecar.clientsName" -}}
{{- if .Values.clients.file }}
{{- include "nvidia-sidecar.fullname" . }}-clients
{{- else }}
{{- .Values.clients.existingConfigMap }}
{{- end }}
{{- end }}

{{/* The ConfigMap of the routes. Empty where those in the image are used. */}}
{{- define "nvidia-sidecar.routesName" -}}
{{- if .Values.routes.create }}
{{- include "nvidia-sidecar.fullname" . }}-routes
{{- else }}
{{- .Values.routes.existingConfigMap }}
{{- end }}
{{- end }}

{{- define "bearward.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "bearward.container" -}}
- name: bearward
  image: {{ .Values.bearward.image | quote }}
  imagePullPolicy: {{ .Values.bearward.imagePullPolicy }}
  {{- if eq .Values.sidecar "native" }}
  restartPolicy: Always
  {{- end }}
  ports:
    - {name: http, containerPort: {{ .Values.ports.http }}}
    - {name: probes, containerPort: {{ .Values.ports.probes }}}
  startupProbe:
    httpGet: {path: /readyz, port: probes}
    periodSeconds: 1
    failureThreshold: 60
  readinessProbe:
    httpGet: {path: /readyz, port: probes}
    periodSeconds: 5
  livenessProbe:
    httpGet: {path: /healthz, port: probes}
    periodSeconds: 10
  resources:
    {{- toYaml .Values.bearward.resources | nindent 4 }}
  securityContext:
    readOnlyRootFilesystem: true
    allowPrivilegeEscalation: false
    capabilities: {drop: [ALL]}
  volumeMounts:
    - {name: configuration, mountPath: /etc/bearward, readOnly: true}
    {{- if .Values.secrets.name }}
    - {name: secrets, mountPath: /run/secrets/bearward, readOnly: true}
    {{- end }}
{{- end }}

# Completes the command line of bearward in bash. Made from its declarations; don't edit it.
_bearward() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' words='' files='' each
  local values=()
  for each in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case "${command:+$command }$each" in
      "run" | "init" | "import" | "check" | "test" | "explain" | "routes" | "schema" | "token" | "token mint" | "token inspect" | "key" | "key new" | "api-key" | "api-key new" | "healthcheck" | "demo") command="${command:+$command }$each" ;;
    esac
  done
  case $command in
      "")
        words='run init import check test explain routes schema token key api-key healthcheck demo --help --version --config'
        case $before in
          -c | --config) values=(-f) ;;
        esac
        ;;
      "run")
        words='--help --config --replace'
        case $before in
          -c | --config) values=(-f) ;;
        esac
        ;;
      "init")
        words='--help --app --issuer --output'
        case $before in
          --app) values=(-W 'fastapi django express spring asp.net other') ;;
          --issuer) values=(-W '') ;;
          -o | --output) values=(-f) ;;
        esac
        ;;
      "import")
        words='--help --output' files=-f
        case $before in
          -o | --output) values=(-f) ;;
        esac
        ;;
      "check")
        words='--help --config --strict --offline' files=-f
        case $before in
          -c | --config) values=(-f) ;;
        esac
        ;;
      "test")
        words='--help --config' files=-f
        case $before in
          -c | --config) values=(-f) ;;
        esac
        ;;
      "explain")
        words='--help --config --path --method --host --header --token --websocket --at --listener --json' files=-f
        case $before in
          -c | --config) values=(-f) ;;
          --path) values=(-W '') ;;
          --method) values=(-W '') ;;
          --host) values=(-W '') ;;
          --header) values=(-W '') ;;
          --token) values=(-W '') ;;
          --at) values=(-W '') ;;
          --listener) values=(-W '') ;;
        esac
        ;;
      "routes")
        words='--help --config' files=-f
        case $before in
          -c | --config) values=(-f) ;;
        esac
        ;;
      "schema")
        words='--help'
        case $before in
        esac
        ;;
      "token")
        words='mint inspect --help'
        case $before in
        esac
        ;;
      "token mint")
        words='--help --key --secret-file --secret --alg --kid --claim --sub --tid --role --iss --aud --ttl'
        case $before in
          --key) values=(-f) ;;
          --secret-file) values=(-f) ;;
          --secret) values=(-W '') ;;
          --alg) values=(-W 'HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519 Ed448 ML-DSA-44 ML-DSA-65 ML-DSA-87') ;;
          --kid) values=(-W '') ;;
          --claim) values=(-W '') ;;
          --sub) values=(-W '') ;;
          --tid) values=(-W '') ;;
          --role) values=(-W '') ;;
          --iss) values=(-W '') ;;
          --aud) values=(-W 'HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519 Ed448 ML-DSA-44 ML-DSA-65 ML-DSA-87') ;;
          --ttl) values=(-W '') ;;
        esac
        ;;
      "token inspect")
        words='--help --config'
        case $before in
          -c | --config) values=(-f) ;;
        esac
        ;;
      "key")
        words='new --help'
        case $before in
        esac
        ;;
      "key new")
        words='--help --alg'
        case $before in
          --alg) values=(-W 'HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519 Ed448 ML-DSA-44 ML-DSA-65 ML-DSA-87') ;;
        esac
        ;;
      "api-key")
        words='new --help'
        case $before in
        esac
        ;;
      "api-key new")
        words='--help --id'
        case $before in
          --id) values=(-W '') ;;
        esac
        ;;
      "healthcheck")
        words='--help --config' files=-f
        case $before in
          -c | --config) values=(-f) ;;
        esac
        ;;
      "demo")
        words='--help --once'
        case $before in
        esac
        ;;
  esac
  if [ ${#values[@]} -gt 0 ]; then
    mapfile -t COMPREPLY < <(compgen "${values[@]}" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen ${files:+"$files"} -W "$words" -- "$word")
  fi
}
complete -o filenames -F _bearward bearward

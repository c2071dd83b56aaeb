// The subcommands of the program (proxy/BEHAVIOUR.md 17). Each returns the exit code: 0
// fine, 1 failed or invalid, 2 wrong usage, 3 denied (explain). Messages go to
// stderr and never hold a token or secret.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy::commands {

/// The configuration to use: the given one, else $BEARWARD_CONFIG, ./bearward.yaml,
/// /etc/bearward/bearward.yaml, the first that is there. Nothing: none is.
[[nodiscard]] std::optional<std::string> find_configuration(const std::optional<std::string>& given);

/// Parses the command line and runs the command.
int run_command_line(int argc, const char* const* argv);

struct run_options {
    std::string configuration_file;
    bool replace = false; ///< takes the listeners over from the one that runs with the same admin address
};

/// `bearward run`: serves until SIGTERM or SIGINT.
int run(const run_options& options);

struct check_options {
    bool strict = false;
    bool offline = false;
};
/// `bearward check`: runs the policy tests too.
int check(const std::string& configuration_file, const check_options& options);

/// `bearward test`: the policy tests, each with its outcome on stdout.
int test_policies(const std::string& configuration_file);

/// `bearward schema`: the configuration's JSON Schema on stdout.
int print_schema();

/// `bearward healthcheck`: 0 when the admin listener says that the proxy is ready.
int healthcheck(const std::string& configuration_file);

struct mint_options {
    std::optional<std::string> key_file;
    std::optional<std::string> secret_file;
    std::optional<std::string> secret;
    std::string algorithm;
    std::optional<std::string> key_id;
    std::vector<std::string> claims; ///< k=v; v is JSON where it parses as JSON, else text
    std::optional<std::string> subject, tenant, issuer;
    std::vector<std::string> audiences, roles;
    std::string lifetime = "15m"; ///< a duration; a leading `-` makes an expired token
};
/// `bearward token mint`: the token on stdout.
int mint_token(const mint_options& options);

struct explain_options {
    std::string path; ///< with the query, if any
    std::string method = "GET";
    std::optional<std::string> host;  ///< nothing: localhost
    std::vector<std::string> headers; ///< "N: V"
    std::optional<std::string> token; ///< `-`: on stdin
    bool websocket = false;
    std::optional<std::string> at;       ///< RFC 3339 or Unix seconds; nothing: now
    std::optional<std::string> listener; ///< its name; nothing: the first
    bool json = false;
};
/// `bearward explain`: 0 permit, 3 denial.
int explain(const std::string& configuration_file, const explain_options& options);

/// `bearward routes`: the route table, most specific first.
int print_routes(const std::string& configuration_file);

struct inspect_options {
    std::optional<std::string> token;         ///< nothing or `-`: on stdin
    std::optional<std::string> configuration; ///< judge the token by its providers too
};
/// `bearward token inspect`: 1 for what is no token, and for one that is refused.
int inspect_token(const inspect_options& options);

struct key_options {
    std::string algorithm;
};
/// `bearward key new`: a private key and its public JWK set on stdout.
int make_key(const key_options& options);

struct api_key_options {
    std::string id;
};
/// `bearward api-key new`: a fresh API key and its hash on stdout.
int make_api_key(const api_key_options& options);

struct init_options {
    std::optional<std::string> app;
    std::optional<std::string> issuer;
    std::string output = "bearward.yaml"; ///< `-`: stdout
};
/// `bearward init`: a first configuration; on a terminal it asks for what is not given.
int make_configuration(const init_options& options);

struct import_options {
    std::string peer; ///< oauth2-proxy, envoy or nginx
    std::string file;
    std::string output = "-"; ///< `-`: stdout
};
/// `bearward import`: a peer's configuration as ours. 1 too where it would open something.
int import_peer(const import_options& options);

/// `bearward demo`; with `once` it runs the printed lines itself and ends.
int demo(bool once);

} // namespace bearward::proxy::commands

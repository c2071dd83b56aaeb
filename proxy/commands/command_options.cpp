#include "proxy/commands/command_options.hpp"

#include "policies/jose/algorithm.hpp"
#include "proxy/commands/api_key_new.hpp"
#include "proxy/commands/explain.hpp"
#include "proxy/commands/first_configuration.hpp"
#include "proxy/commands/import/import_configuration.hpp"
#include "proxy/commands/token_mint.hpp"

#include <utility>

namespace bearward::proxy::commands {
namespace {

constexpr const char* algorithms =
    "HS256/384/512, RS256/384/512, PS256/384/512, ES256/384/512, EdDSA, Ed25519, Ed448 or, with OpenSSL 3.5, ML-DSA-44/65/87";
constexpr const char* pair_algorithms =
    "RS256/384/512, PS256/384/512, ES256/384/512, EdDSA, Ed25519, Ed448 or, with OpenSSL 3.5, ML-DSA-44/65/87";

void add_configuration(CLI::App& app, parsed_options& into) {
    app.add_option("-c,--config", into.configuration,
                   "The configuration. Default: $BEARWARD_CONFIG, ./bearward.yaml, /etc/bearward/bearward.yaml")
        ->type_name("FILE");
}

/// Where nothing else could be meant, the file may stand alone.
void add_configuration_or_file(CLI::App& app, parsed_options& into) {
    add_configuration(app, into);
    app.add_option("file", into.file, "The configuration, without -c")->type_name("FILE");
}

/// The checks name no value: it may be a secret in the wrong place.
CLI::Option* add_checked(CLI::Option* option, bool (*accepts)(const std::string&), std::string problem) {
    return option->check(CLI::Validator(
        [accepts, problem = std::move(problem)](const std::string& value) { return accepts(value) ? std::string() : problem; }, ""));
}

bool is_algorithm(const std::string& word) {
    return policies::jose::parse_algorithm(word).has_value();
}
bool is_pair_algorithm(const std::string& word) {
    return is_algorithm(word) && !word.starts_with("HS");
}
bool is_lifetime(const std::string& text) {
    return parse_lifetime(text).has_value();
}
/// Empty for what is accepted, else why not, without the value.
template <class Parsed>
std::string problem_of(const std::expected<Parsed, std::string>& parsed) {
    return parsed ? "" : parsed.error();
}
bool is_claim_text(const std::string& text) {
    return is_claim(text);
}
bool is_time(const std::string& text) {
    return parse_time(text).has_value();
}

void add_mint_options(CLI::App& mint, mint_options& into) {
    mint.add_option("--key", into.key_file, "A private key (PEM)")->type_name("FILE");
    mint.add_option("--secret-file", into.secret_file, "A file with the shared secret; one trailing newline is dropped")->type_name("FILE");
    mint.add_option("--secret", into.secret, "The shared secret itself; others on this machine may see it in the process list")
        ->type_name("TEXT");
    add_checked(mint.add_option("--alg", into.algorithm, algorithms)->type_name("A")->required(), is_algorithm,
                std::string("not an accepted algorithm; accepted: ") + algorithms);
    mint.add_option("--kid", into.key_id, "The key's id, for the header")->type_name("K");
    add_checked(mint.add_option("--claim", into.claims,
                                "A claim; VALUE is JSON where it parses, else text. Wins over the other options. Repeatable")
                    ->type_name("NAME=VALUE")
                    ->allow_extra_args(false),
                is_claim_text, "not NAME=VALUE");
    mint.add_option("--sub", into.subject, "The user (sub)")->type_name("S");
    mint.add_option("--tid", into.tenant, "The tenant (tid)")->type_name("T");
    mint.add_option("--role", into.roles, "A role (roles). Repeatable")->type_name("R")->allow_extra_args(false);
    mint.add_option("--iss", into.issuer, "The issuer (iss)")->type_name("I");
    mint.add_option("--aud", into.audiences, "The audience (aud). Repeatable")->type_name("A")->allow_extra_args(false);
    add_checked(mint.add_option("--ttl", into.lifetime, "How long it is valid; -5m makes an expired token")
                    ->type_name("DURATION")
                    ->capture_default_str(),
                is_lifetime, "not a duration such as 30s, 15m or 1h");
}

void add_explain_options(CLI::App& explain, explain_options& into) {
    explain.add_option("--path", into.path, "The path of the request, with its query if any")->type_name("PATH")->required();
    explain.add_option("--method", into.method, "Its method")->type_name("METHOD")->capture_default_str();
    explain.add_option("--host", into.host, "Its Host. Default: localhost")->type_name("HOST");
    explain.add_option("--header", into.headers, "A header. Repeatable")->type_name("'NAME: VALUE'")->allow_extra_args(false);
    explain
        .add_option("--token", into.token,
                    "Its bearer token, sent in Authorization; - reads it from stdin, which hides it from the process list. "
                    "In other places a token is given with --header or in --path")
        ->type_name("TOKEN|-");
    explain.add_flag("--websocket", into.websocket, "The request opens a WebSocket");
    add_checked(explain.add_option("--at", into.at, "When it comes: RFC 3339 or seconds of Unix time. Default: now")->type_name("TIME"),
                is_time, "not a time such as 2026-01-31T12:00:00Z, nor seconds of Unix time");
    explain.add_option("--listener", into.listener, "The name of the listener that it comes to. Default: the first")->type_name("NAME");
    explain.add_flag("--json", into.json, "Print one JSON object");
}

void declare_tokens(CLI::App& app, command_tree& tree, parsed_options& into) {
    tree.token = app.add_subcommand("token", "Make and read tokens, for trying out and for tests");
    tree.token->require_subcommand(1);
    tree.token->footer("Example: bearward token mint --secret-file secret --alg HS256 --sub u-1");
    tree.mint = tree.token->add_subcommand("mint", "Make a signed token; it is all that goes to stdout");
    tree.mint->footer("Example: bearward token mint --key key.pem --alg ES256 --kid k1 --sub u-1 --tid t-1 --role reader \\\n"
                      "             --iss https://id.example.com/ --aud widgets-api --ttl 5m --claim 'scope=\"read write\"'");
    add_mint_options(*tree.mint, into.mint);

    tree.inspect = tree.token->add_subcommand("inspect", "Print a token's header and claims as JSON; its signature is not shown");
    tree.inspect->footer("Example: bearward token inspect - -c bearward.yaml < token\n"
                         "Exit code: 0 read (with -c: and accepted by a provider), 1 not.");
    tree.inspect
        ->add_option("token", into.inspect.token, "The token; - or nothing reads it from stdin, which hides it from the process list")
        ->type_name("TOKEN|-");
    tree.inspect->add_option("-c,--config", into.configuration, "Verify it as this configuration's providers do, and print each check")
        ->type_name("FILE");

    tree.key = app.add_subcommand("key", "Make keys to sign tokens with");
    tree.key->require_subcommand(1);
    tree.key->footer("Example: bearward key new --alg ES256");
    tree.make_key = tree.key->add_subcommand("new", "Print a fresh private key (PEM), and after it its public JWK set");
    tree.make_key->footer("The kid is the key's thumbprint (RFC 7638). HS256/384/512 have no key pair: for a shared secret use\n"
                          "  head -c 64 /dev/urandom | base64 -w 0 > secret\n"
                          "Example, with the private key in one file and the set for jwks_file in another:\n"
                          "  (umask 077; bearward key new --alg ES256 > key.pem); sed -n '/^{/,$p' key.pem > jwks.json");
    add_checked(tree.make_key->add_option("--alg", into.key.algorithm, pair_algorithms)->type_name("A")->required(), is_pair_algorithm,
                std::string("not an algorithm with a key pair; accepted: ") + pair_algorithms);
}

void declare_api_keys(CLI::App& app, command_tree& tree, parsed_options& into) {
    tree.api_key = app.add_subcommand("api-key", "Make API keys for providers of type api_keys");
    tree.api_key->require_subcommand(1);
    tree.api_key->footer("Example: bearward api-key new --id acme");
    auto* const make = tree.api_key->add_subcommand("new", "Print a fresh key, for the client, and its hash, for the configuration");
    make->footer("The key has 256 random bits, so that its plain SHA-256 gives nothing of it away.\n"
                 "Example: bearward api-key new --id acme");
    add_checked(make->add_option("--id", into.api_key.id, "A name for the key, unique within its provider")->type_name("ID")->required(),
                is_api_key_id, "not a name: 1 to 128 bytes of printable ASCII, and no key itself");
}

void declare_init(CLI::App& app, command_tree& tree, init_options& into) {
    tree.init = app.add_subcommand(
        "init", "Write a first configuration, with policy tests and comments; on a terminal it asks for what is not given");
    tree.init->footer(
        "Example: bearward init --app fastapi --issuer https://id.example.com/\n"
        "Nothing is written over. Without --issuer a placeholder stands for it, and no token is accepted until it is filled in.");
    tree.init->add_option("--app", into.app, "What the app is made with: " + app_words() + ". Default: other")
        ->type_name("KIND")
        ->check(CLI::Validator([](const std::string& word) { return problem_of(find_app(word)); }, ""));
    tree.init->add_option("--issuer", into.issuer, "Who issues the tokens: the URL that they have as `iss`")
        ->type_name("URL")
        ->check(CLI::Validator([](const std::string& url) { return problem_of(parse_issuer(url)); }, ""));
    tree.init->add_option("-o,--output", into.output, "The file to write; - is stdout")->type_name("FILE")->capture_default_str();
}

void declare_import(CLI::App& app, command_tree& tree, import_options& into) {
    tree.import_peer = app.add_subcommand("import", "Write the configuration of another proxy as ours, with comments and policy tests");
    tree.import_peer->footer("Example: bearward import nginx /etc/nginx/sites-available/app -o bearward.yaml\n"
                             "What could not be translated is listed, on stderr and in the file. Nothing is written over.\n"
                             "Exit code: 0 nothing opens, 1 something would and is marked, or the file can't be read.");
    tree.import_peer->add_option("peer", into.peer, "Whose configuration it is: " + importing::peer_words())
        ->type_name("PEER")
        ->required()
        ->check(CLI::Validator(
            [](const std::string& word) { return importing::find_peer(word) ? std::string() : "accepted: " + importing::peer_words(); },
            ""));
    tree.import_peer->add_option("file", into.file, "oauth2-proxy's .cfg or YAML, Envoy's bootstrap, nginx's configuration")
        ->type_name("FILE")
        ->required();
    tree.import_peer->add_option("-o,--output", into.output, "The file to write; - is stdout")->type_name("FILE")->capture_default_str();
}

void declare_configuration_commands(CLI::App& app, command_tree& tree, parsed_options& into) {
    tree.run = app.add_subcommand("run", "Serve until SIGTERM or SIGINT; the default command");
    tree.run->footer("Example: bearward run -c bearward.yaml");
    add_configuration(*tree.run, into);
    tree.run->add_flag(
        "--replace", into.replace,
        "Take the listeners over from the one that runs with the same admin.address, a unix socket; it drains once this one serves");

    declare_init(app, tree, into.init);
    declare_import(app, tree, into.import_from);

    tree.check = app.add_subcommand("check", "Validate a configuration and run its policy tests");
    tree.check->footer("Example: bearward check bearward.yaml --strict\nExit code: 0 valid, 1 not.");
    add_configuration_or_file(*tree.check, into);
    tree.check->add_flag("--strict", into.check.strict, "Warnings fail too");
    tree.check->add_flag("--offline", into.check.offline, "Read no secrets and key files");

    tree.test = app.add_subcommand("test", "Run the policy tests of a configuration; reads no keys and secrets");
    tree.test->footer("Example: bearward test -c bearward.yaml\nExit code: 0 all passed, 1 not.");
    add_configuration_or_file(*tree.test, into);

    tree.explain = app.add_subcommand("explain", "Say what becomes of a request, and every step to it");
    tree.explain->footer("Example: bearward explain -c bearward.yaml --path /tenants/t-1/widgets --token - < token\n"
                         "Exit code: 0 permit, 3 denial, 1 the configuration is not valid, 2 wrong usage.");
    add_configuration_or_file(*tree.explain, into);
    add_explain_options(*tree.explain, into.explain);

    tree.routes = app.add_subcommand("routes", "Print the effective route table, the most specific route first");
    tree.routes->footer("Example: bearward routes -c bearward.yaml");
    add_configuration_or_file(*tree.routes, into);

    tree.schema = app.add_subcommand("schema", "Print the configuration's JSON Schema, for editors and pipelines");
    tree.schema->footer("Example: bearward schema > bearward.schema.json");
}

} // namespace

command_tree declare_commands(CLI::App& app, parsed_options& into) {
    app.set_version_flag("--version", "bearward " BEARWARD_VERSION, "Print the version");
    app.footer("Example: bearward -c bearward.yaml\n`bearward COMMAND --help` says more about a command.");
    app.require_subcommand(0, 1);
    add_configuration(app, into);

    command_tree tree;
    declare_configuration_commands(app, tree, into);
    declare_tokens(app, tree, into);
    declare_api_keys(app, tree, into);

    tree.healthcheck = app.add_subcommand("healthcheck", "Ask a running proxy's /readyz; for images without curl");
    tree.healthcheck->footer("Example: bearward healthcheck -c bearward.yaml\nExit code: 0 ready, 1 not.");
    add_configuration_or_file(*tree.healthcheck, into);

    tree.demo = app.add_subcommand("demo", "A demo upstream, keys, tokens and this proxy in one process, with lines to try");
    tree.demo->footer("Example: bearward demo --once");
    tree.demo->add_flag("--once", into.once, "Run those lines, print each with its result, and end; exit code 1 if one differs");
    return tree;
}

} // namespace bearward::proxy::commands

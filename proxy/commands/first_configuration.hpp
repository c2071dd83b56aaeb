// The configuration that `bearward init` writes, as text. Pure. Whatever is asked for,
// it passes `check --strict`, and what only its user can know is marked in it.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy::commands {

/// What differs between the apps that can be named.
struct app_kind {
    std::string_view word;     ///< as in --app
    std::string_view title;    ///< in a sentence: "a FastAPI app"
    std::string_view app_port; ///< of the framework's own server
    std::string_view port;     ///< ours
    std::string_view start;    ///< how the app is started on loopback alone
    std::string_view reads;    ///< how the app reads X-User-Id
    std::string_view matching; ///< the value of `paths`
    std::string_view why;      ///< and what is known of its router
    std::string_view health;   ///< the path that a probe asks
    std::string_view sockets;  ///< the prefix of its WebSockets
    std::string_view more;     ///< routes that only such an app has, lines
    std::string_view tests;    ///< and their tests, lines
    std::string_view spelling; ///< /admin/users in another spelling that its router takes
};

/// "fastapi, django, ...", as they are accepted.
[[nodiscard]] const std::string& app_words();

/// The kind with that word. Error: what is accepted, and what was perhaps meant; the word itself is not repeated.
[[nodiscard]] std::expected<const app_kind*, std::string> find_app(std::string_view word);

/// The issuer as it will be compared, byte for byte: an https URL (http on loopback alone) without query and
/// fragment (OpenID Connect Discovery 1.0 section 3). Error: a clause that says why it is none.
[[nodiscard]] std::expected<std::string, std::string> parse_issuer(std::string_view written);

/// The whole file. Without an issuer a placeholder stands for it: no keys are found there, so that nobody gets in.
[[nodiscard]] std::string make_first_configuration(const app_kind& app, const std::optional<std::string>& issuer);

} // namespace bearward::proxy::commands

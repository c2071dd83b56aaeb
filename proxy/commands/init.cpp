#include "proxy/commands/init.hpp"

#include "config/configuration.hpp"
#include "proxy/commands/first_configuration.hpp"
#include "proxy/commands/new_file.hpp"

#include <unistd.h>

#include <iostream>

namespace bearward::proxy::commands {
namespace {

constexpr int failed = 1;
constexpr int wrong_usage = 2;

std::string without_blanks(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
}

/// Asks until the answer is accepted; an empty one is none. Nothing: there are no more answers.
template <class Accept>
bool ask(const init_streams& streams, const std::string& question, std::optional<std::string>& answer, const Accept& accept) {
    std::string line;
    while (streams.messages << question << std::flush, std::getline(*streams.answers, line)) {
        line = without_blanks(line);
        if (line.empty()) {
            return true;
        }
        const auto accepted = accept(line);
        if (accepted) {
            answer = line;
            return true;
        }
        streams.messages << accepted.error() << '\n';
    }
    streams.messages << "\nbearward init: no answer; nothing is written\n";
    return false;
}

bool ask_for_the_rest(const init_streams& streams, init_options& options) {
    return (options.app || ask(streams, "What is the app made with? (" + app_words() + ") [other]: ", options.app, find_app)) &&
           (options.issuer ||
            ask(streams, "Who issues its tokens? The URL that they have as `iss` [filled in later]: ", options.issuer, parse_issuer));
}

/// Whether `check --strict` would take it; if not, why. Whatever is accepted here, nothing else gets out.
bool passes_check(const std::string& text, const init_streams& streams) {
    const config::load_result result = config::load_text(text, "bearward.yaml", {.offline = true});
    bool good = result.loaded.has_value();
    for (const config::diagnostic& each : result.diagnostics) {
        if (each.severity != config::diagnostic::kind::note) {
            streams.messages << "bearward init: " << to_string(each) << '\n';
            good = false;
        }
    }
    return good;
}

int write_out(const init_options& options, const init_streams& streams, const std::string& text) {
    const bool to_stdout = options.output == "-";
    if (to_stdout) {
        streams.out << text << std::flush;
        if (!streams.out) {
            return failed;
        }
    } else if (const auto written = write_new_file(options.output, text); !written) {
        streams.messages << "bearward init: can't write " << options.output << ": " << written.error() << '\n';
        return failed;
    }
    const std::string file = to_stdout ? "FILE" : options.output;
    streams.messages << "bearward init: " << (to_stdout ? "" : file + " is written; ") << "fill in "
                     << (options.issuer ? "" : "YOUR-ISSUER and ") << "YOUR-API, then try: bearward check --strict " << file << '\n';
    if (!options.issuer) {
        streams.messages << "bearward init: no issuer was given: until it is filled in no token is accepted\n";
    }
    return 0;
}

} // namespace

int init(const init_options& given, const init_streams& streams) {
    init_options options = given;
    if (options.output != "-" && is_there(options.output)) {
        streams.messages << "bearward init: " << options.output << " is there already, and is left as it is; -o FILE names another\n";
        return failed;
    }
    if (streams.answers != nullptr && !ask_for_the_rest(streams, options)) {
        return failed;
    }
    const auto app = find_app(options.app.value_or("other"));
    if (!app) {
        streams.messages << "bearward init: --app: " << app.error() << '\n';
        return wrong_usage;
    }
    if (const auto issuer = parse_issuer(options.issuer.value_or("https://id.example.com/")); !issuer) {
        streams.messages << "bearward init: --issuer: " << issuer.error() << '\n';
        return wrong_usage;
    }
    const std::string text = make_first_configuration(**app, options.issuer);
    return passes_check(text, streams) ? write_out(options, streams, text) : failed;
}

int make_configuration(const init_options& options) {
    std::istream* const terminal = ::isatty(STDIN_FILENO) == 1 ? &std::cin : nullptr;
    return init(options, {.answers = terminal, .out = std::cout, .messages = std::cerr});
}

} // namespace bearward::proxy::commands

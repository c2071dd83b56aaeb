#include "proxy/commands/commands.hpp"
#include "proxy/demo/client.hpp"
#include "proxy/demo/line_check.hpp"
#include "proxy/demo/line_text.hpp"
#include "proxy/demo/lines.hpp"
#include "proxy/demo/stage.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>
#include <iostream>

namespace bearward::proxy::commands {

namespace {

constexpr std::uint16_t usual_port = 8080;

/// Catches what ends the demo, so that its directory is removed in every case.
class end_signals {
public:
    end_signals() {
        std::signal(SIGPIPE, SIG_IGN);
        signals_.async_wait([this](const boost::system::error_code& error, int) { arrived_ = !error; });
    }
    void wait() { context_.run(); }
    [[nodiscard]] bool arrived() {
        context_.poll();
        return arrived_;
    }

private:
    boost::asio::io_context context_{1};
    boost::asio::signal_set signals_{context_, SIGINT, SIGTERM, SIGHUP};
    bool arrived_ = false;
};

void print_indented(const std::string& text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = text.find('\n', at);
        std::cout << "    " << text.substr(at, end - at) << '\n';
        at = end == std::string::npos ? text.size() : end + 1;
    }
}

/// The line with its tokens in place.
demo::line expand(demo::line what, const std::vector<demo::named_token>& tokens) {
    what.target = demo::expand_tokens(what.target, tokens);
    for (demo::named_value& header : what.headers) {
        header.value = demo::expand_tokens(header.value, tokens);
    }
    return what;
}

void print_line(const demo::line& what) {
    std::cout << "# " << what.title << ": " << demo::describe(what.expect) << '\n' << demo::make_command(what) << "\n\n";
}

void print_lines(demo::stage& stage) {
    std::cout << "Bearward guards a demo app at " << stage.url() << " (" << stage.configuration_file() << "):\n\n";
    print_indented(stage.configuration_text());
    std::cout << "\nPaste this into a shell first. The tokens:\n";
    for (const demo::named_token& token : stage.tokens()) {
        std::cout << "    " << token.name << std::string(10 - token.name.size(), ' ') << token.about << '\n';
    }
    std::cout << '\n' << demo::make_shell_preamble(stage.url(), stage.tokens());
    std::cout << "\nThen any of these. In what ws prints, M-^A begins a text message and M-^H a Close:\n\n";
    for (const demo::line& what : demo::make_lines()) {
        print_line(what);
    }
    std::cout << "In a browser: open " << stage.url() << "/public/hello, and paste this into its console:\n\n";
    std::cout << demo::make_console_preamble(stage.url(), stage.tokens()) << '\n';
    for (const demo::line& what : demo::make_lines()) {
        if (what.websocket) {
            std::cout << demo::make_console_command(what) << " // " << demo::describe(what.expect) << '\n';
        }
    }
    if (const std::string admin = stage.proxy().admin_address(); !admin.empty()) {
        std::cout << "\nState: http://" << admin << "/status";
    }
    std::cout << "\nCtrl-C ends the demo. What follows is the access log.\n\n" << std::flush;
}

int serve() {
    end_signals signals;
    demo::stage stage(demo::find_free_port(usual_port), false);
    print_lines(stage);
    signals.wait();
    stage.proxy().stop();
    stage.proxy().wait();
    return 0;
}

/// Asks one line and prints how it went; whether it was as expected.
bool run_line(const demo::line& what, demo::stage& stage) {
    const demo::outcome result = demo::ask(expand(what, stage.tokens()), stage.port());
    const std::string difference = demo::check_outcome(what, result);
    std::cout << (difference.empty() ? "ok      " : "FAILED  ") << what.title << '\n';
    std::cout << "        " << demo::make_command(what) << '\n';
    std::cout << "        expected  " << demo::describe(what.expect) << '\n';
    if (!difference.empty()) {
        std::cout << "        but       " << difference << '\n';
    }
    std::cout << '\n' << std::flush;
    return difference.empty();
}

int run_once() {
    end_signals signals;
    demo::stage stage(0, true);
    std::cout << "Bearward guards a demo app at " << stage.url() << ":\n\n";
    print_indented(stage.configuration_text());
    std::cout << '\n';
    std::size_t passed = 0;
    std::size_t failed = 0;
    for (const demo::line& what : demo::make_lines()) {
        ++(run_line(what, stage) ? passed : failed);
        if (signals.arrived()) {
            std::cerr << "interrupted\n";
            return 1;
        }
    }
    stage.proxy().stop();
    stage.proxy().wait();
    std::cout << passed << " passed, " << failed << " failed\n" << std::flush;
    return failed == 0 ? 0 : 1;
}

} // namespace

int demo(bool once) {
    try {
        return once ? run_once() : serve();
    } catch (const std::exception& error) {
        std::cerr << "bearward demo: " << error.what() << '\n';
        return 1;
    }
}

} // namespace bearward::proxy::commands

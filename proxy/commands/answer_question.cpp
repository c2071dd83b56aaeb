#include "proxy/commands/answer_question.hpp"

#include "proxy/commands/explain.hpp"
#include "proxy/commands/test_request.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace bearward::proxy::commands {
namespace {

bool knows_provider(const serving& rules, std::string_view name) {
    const auto is = [name](const policies::provider& each) { return each.rules.provider == name; };
    return std::ranges::any_of(rules.rules().providers, is);
}

} // namespace

admin_page::answered answer_question(const serving& rules, const config::test_settings& question) {
    if (question.identity && !question.identity->provider.value.empty() && !knows_provider(rules, question.identity->provider.value)) {
        return std::unexpected("There is no provider of this name.");
    }
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const test_request_head request = make_test_request(rules, question);
    if (request.head.empty()) {
        return std::unexpected(
            "No request can have this: the path begins with /, neither it nor the method has white space, and the host is one line.");
    }
    test_outside around(question, request, now);
    const explained what = explain_request(rules, request.head, request.listener, now, &around);
    return admin_page::answer{
        .permitted = what.permitted, .reason = std::string(what.outcome.at("reason").as_string()), .steps = to_text(what)};
}

} // namespace bearward::proxy::commands
